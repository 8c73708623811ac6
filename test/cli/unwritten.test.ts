import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { fileOutputs } from '../../src/outputs/index.ts'
import { runCli } from '../support/run-cli.ts'

let registry: EmbeddedRegistry

beforeAll(async () => {
  registry = await startRegistry({})
  registry.store.push('team/app', multiPlatform({ seed: 'unwritten' }).contents, '1')
})
afterAll(() => registry.close())

test.each([
  [':1', 'PASSED', 2],
  [':gone', 'FAILED', 1],
])(
  'a report that cannot be written: the verdict on %s is still the last line',
  async (tag, word, exitCode) => {
    const run = await runCli([`${registry.host}/team/app${tag}`, '--report_json', '/nonexistent/r.json'])
    const lines = stripVTControlCharacters(run.stdout).trimEnd().split('\n')
    expect(run.exitCode).toBe(exitCode)
    expect(lines.at(-1)).toMatch(new RegExp(`^${word} .* · report_json not written · exit ${exitCode}$`))
    expect(lines.filter((line) => line.includes('/nonexistent/r.json'))).toEqual([
      expect.stringMatching(
        /report_json: “\/nonexistent\/r\.json” cannot be written: ENOENT: no such file or directory$/,
      ),
    ])
  },
)

test('each report that cannot be written is named, and the others are written', async () => {
  const settings = Object.keys(fileOutputs).filter((name) => name !== 'report_prometheus')
  const args = settings.flatMap((name) => [`--${name}`, `/nonexistent/${name}`])
  const run = await runCli([`${registry.host}/team/app:gone`, ...args])
  const text = stripVTControlCharacters(run.stdout)
  expect(run.exitCode).toBe(1)
  for (const name of settings) {
    expect(text).toContain(`${name}: “/nonexistent/${name}” cannot be written: ENOENT`)
    expect(text).toMatch(new RegExp(`^FAILED .* · ${name} not written · .*exit 1$`, 'm'))
  }
})

test('two reports cannot have the same file', async () => {
  const run = await runCli([`${registry.host}/team/app:1`, '--report_json', 'r', '--report_html', 'r'])
  expect(run.exitCode).toBe(2)
  expect(run.stdout).toContain('report_json: “r” must be another file than report_html')
})

import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
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

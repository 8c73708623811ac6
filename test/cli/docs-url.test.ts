import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../scripts/bundle.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { runCli } from '../support/run-cli.ts'

let registry: EmbeddedRegistry
let directory: string
const gone = () => `${registry.host}/team/app:gone`

beforeAll(async () => {
  registry = await startRegistry({})
  directory = await mkdtemp(join(tmpdir(), 'regguard-docs-url-'))
})
afterAll(async () => {
  await registry.close()
  await rm(directory, { recursive: true, force: true })
})

describe('docs_url', () => {
  test('makes the links of a report https, in the log and in report_json', async () => {
    const file = join(directory, 'report.json')
    const run = await runCli([gone(), '--docs_url', 'https://example.com/findings/', '--report_json', file])
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('  more    https://example.com/findings/tag-missing.md\n')
    expect(run.stdout).not.toContain('regguard-plugin explain')
    const { causes } = JSON.parse(await readFile(file, 'utf8'))
    expect(causes[0].url).toBe('https://example.com/findings/tag-missing.md')
  })

  test('is not needed: the log names the command that prints the page', async () => {
    const run = await runCli([gone()])
    expect(run.stdout).toContain('  more    regguard-plugin explain tag-missing\n')
    expect(run.stdout).not.toContain('https://')
  })

  test('that is no web address is one clear error', async () => {
    const run = await runCli([gone(), '--docs_url', 'docs/findings'])
    expect(run.exitCode).toBe(2)
    expect(
      run.stdout.match(/settings\.docs_url: “docs\/findings” must be an http or https URL/g),
    ).toHaveLength(1)
  })
})

describe('DOCS_URL of the build', () => {
  test('is the default of docs_url in the bundle', async () => {
    const file = join(directory, 'regguard-plugin.mjs')
    await bundle(file, 'https://pages.example.com/{id}')
    const run = (...args: string[]) =>
      execa(process.execPath, [file, gone(), '--checks', 'image', ...args], {
        reject: false,
        extendEnv: false,
      })
    expect((await run()).stdout).toContain('  more    https://pages.example.com/tag-missing\n')
    const own = await run('--docs_url', 'https://own.example.com')
    expect(own.stdout).toContain('  more    https://own.example.com/tag-missing.md\n')
  })

  test('that is no web address stops the build', async () => {
    await expect(bundle(join(directory, 'none.mjs'), 'docs')).rejects.toThrow('DOCS_URL “docs” must be')
  })
})

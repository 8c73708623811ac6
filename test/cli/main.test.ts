import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { reportSchema } from '../../src/report/schema.ts'
import { runCli } from '../support/run-cli.ts'

let registry: EmbeddedRegistry
let directory: string
const built = multiPlatform({ seed: 'main' })

beforeAll(async () => {
  registry = await startRegistry({})
  registry.store.push('team/app', built.contents, '1.2')
  directory = await mkdtemp(join(tmpdir(), 'regguard-main-'))
})
afterEach(() => registry.faults.clear())
afterAll(async () => {
  await registry.close()
  await rm(directory, { recursive: true, force: true })
})

describe.each([
  ['the sources', true],
  ['the bundle', false],
])('%s', (_, sources) => {
  test('verify a reference that is an argument', async () => {
    const run = await runCli([`${registry.host}/team/app:1.2`], { sources })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toContain('PASSED')
  })

  test('print their version, help and pages', async () => {
    expect((await runCli(['--version'], { sources })).stdout).toMatch(/^regguard \d+\.\d+\.\d+\n$/)
    expect((await runCli(['--help'], { sources })).stdout).toContain('--expect_digest')
    const page = await runCli(['explain', 'orphaned-index'], { sources })
    expect(page).toMatchObject({ exitCode: 0 })
    expect(page.stdout).toContain('# orphaned-index')
    expect((await runCli(['explain', 'orphan-index'], { sources })).exitCode).toBe(2)
  })

  test('answer a mistyped command with the closest, in one line', async () => {
    const stdout = 'There is no command “expalin”; did you mean explain?\n'
    expect(await runCli(['expalin', 'orphaned-index'], { sources })).toMatchObject({ exitCode: 2, stdout })
  })

  test('show the demo, which finds what it broke', async () => {
    const run = await runCli(['demo'], { sources })
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toContain('2 of 3 platform images are gone.')
    expect(run.stdout).toContain('Stale blob cache:')
    expect(run.stdout.match(/^(PASSED|FAILED)/gm)).toEqual([
      'PASSED',
      ...Array.from({ length: 4 }, () => 'FAILED'),
    ])
  })
})

describe('settings', () => {
  test('none at all is one clear error', async () => {
    const run = await runCli([])
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('nothing to verify: set repo')
  })

  test('a misspelled one is reported with the closest name', async () => {
    const run = await runCli([], { env: { PLUGIN_TGAS: '1' } })
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('did you mean tags?')
  })

  test('all mistakes are reported at once, each by its name, and no secret is', async () => {
    const run = await runCli([], {
      env: {
        PLUGIN_REPO: 'Registry.example.com/Team/App',
        PLUGIN_DEPTH: 'deep',
        PLUGIN_TIMEOUT: 'soon',
        PLUGIN_METADATA_FILE: '/nowhere/metadata.json',
        PLUGIN_LOGINS: '[{"registry":"x","password":"hunter2secret"}]',
      },
    })
    expect(run.exitCode).toBe(2)
    for (const name of ['repo', 'depth', 'timeout']) expect(run.stdout).toContain(`settings.${name}:`)
    expect(run.all).not.toContain('hunter2secret')
  })

  test('a missing metadata file is a mistake, not a reason to skip it', async () => {
    const env = { PLUGIN_REPO: `${registry.host}/team/app`, PLUGIN_METADATA_FILE: '/nowhere/metadata.json' }
    const run = await runCli([], { env })
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('settings.metadata_file: “/nowhere/metadata.json” does not exist')
  })

  test('INPUT_ names are read, and empty ones are unset', async () => {
    const env = { INPUT_REPO: `${registry.host}/team/app`, INPUT_TAGS: '1.2', INPUT_DEPTH: '' }
    expect((await runCli([], { env })).exitCode).toBe(0)
  })

  test('dry_run verifies nothing and reports that', async () => {
    const run = await runCli([], { env: { PLUGIN_REPO: 'registry.example.com/a/b', PLUGIN_DRY_RUN: 'true' } })
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain('nothing is verified')
  })
})

describe('outputs', () => {
  test('report_json is in the published form, and the file commands are written', async () => {
    const [report, output, summary] = ['report.json', 'output', 'summary'].map((name) =>
      join(directory, name),
    )
    const run = await runCli([], {
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_OUTPUT: output ?? '',
        GITHUB_STEP_SUMMARY: summary ?? '',
        INPUT_IMAGES: `${registry.host}/team/app:1.2`,
        INPUT_REPORT_JSON: report ?? '',
      },
    })
    expect(run.exitCode).toBe(0)
    const parsed = reportSchema.strict().parse(JSON.parse(await readFile(report ?? '', 'utf8')))
    expect(parsed.targets[0]?.digest).toBe(built.index.manifest.digest)
    expect(await readFile(output ?? '', 'utf8')).toMatch(/verdict<<(\S+)\nok\n\1\n/)
    expect(await readFile(summary ?? '', 'utf8')).toContain('regguard: ok')
  })

  test('a report that cannot be written fails the run', async () => {
    const run = await runCli([`${registry.host}/team/app:1.2`, '--report_json', '/nowhere/report.json'])
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('settings.report_json')
  })
})

describe('the end', () => {
  const layer = built.images[1]?.layers[0]?.digest ?? ''

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s prints partial results, and waits for nothing that hangs', async (signal, exitCode) => {
    registry.faults.add({ digest: layer }, { hang: true })
    const asked = registry.requests.length
    const others = built.images.flatMap(({ blobs }) => blobs).filter(({ digest }) => digest !== layer)
    const answered = ({ digest }: { digest: string }) =>
      registry.requests.slice(asked).some(({ path, status }) => path.endsWith(digest) && status !== 0)
    const run = await runCli([`${registry.host}/team/app:1.2`], {
      kill: { when: () => others.every(answered), signal },
    })
    expect(run.exitCode).toBe(exitCode)
    expect(run.stdout).toContain(`stopped by ${signal}; partial results\n`)
    expect(run.stdout).toContain('last byte of every blob served')
    expect(run.stdout).toMatch(/^STOPPED .*not all|^STOPPED .*exit/m)
  })

  test('a timeout is named, and nothing is claimed', async () => {
    registry.faults.add({ digest: layer }, { hang: true })
    const run = await runCli([`${registry.host}/team/app:1.2`, '--timeout', '1s'])
    expect(run.exitCode).toBe(3)
    expect(run.stdout).toContain('timed out after 1 s (setting timeout); partial results\n')
    expect(run.stdout).toContain('NOT CHECKED')
  })

  test('a refused connection is not a fault of the image', async () => {
    const run = await runCli(['127.0.0.1:1/team/app:1.2'])
    expect(run.exitCode).toBe(3)
    expect(run.stdout).toContain('Connection refused: the host answers, but nothing listens on this port.')
  })

  test('a name that does not resolve is reported as such', async () => {
    const run = await runCli(['registry.invalid/team/app:1.2'])
    expect(run.exitCode).toBe(3)
    expect(run.stdout).toContain('name-not-resolved')
  })
})

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleSnapshot } from '../../scripts/bundle.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { pushIndex } from '../answers/fixtures.ts'
import { type CliOptions, runCli } from '../support/run-cli.ts'

/** Runs a command from the parts of the program, and from the snapshot. */
async function both(args: string[], options: CliOptions = {}) {
  const parts = await runCli(args, options)
  return { parts, snapshot: await runCli(args, { ...options, snapshot: true }) }
}

/** Without the times, and without the ports of the demo's registries. */
const comparable = (text: string): string =>
  text.replaceAll(/\b\d+(\.\d+)? m?s\b/g, '<time>').replaceAll(/127\.0\.0\.1:\d+/g, '<host>')

describe('the snapshot of the program', () => {
  let registry: EmbeddedRegistry
  beforeAll(async () => {
    registry = await startRegistry({})
    pushIndex(registry)
  })
  afterAll(() => registry.close())

  test.each([
    ['a command without settings', ['--version']],
    ['a page', ['explain', 'tag-missing']],
    ['the help of a setting', ['help', 'depth']],
    ['a mistyped command', ['explian', 'tag-missing']],
    ['the demo, with a registry of its own', ['demo']],
    ['wrong settings', ['--depth', 'everything']],
  ])('prints what the parts print: %s', async (_what, args) => {
    const { parts, snapshot } = await both(args)
    expect(snapshot.stderr).toBe('')
    expect(comparable(snapshot.stdout)).toBe(comparable(parts.stdout))
    expect(snapshot.exitCode).toBe(parts.exitCode)
  })

  test.each(['1', 'gone'])('verifies tag %s over HTTP as the parts do', async (tag) => {
    const { parts, snapshot } = await both([`${registry.host}/app:${tag}`, '--depth', 'full'])
    expect(snapshot.stderr).toBe('')
    expect(comparable(snapshot.stdout)).toBe(comparable(parts.stdout))
    expect(snapshot.exitCode).toBe(tag === '1' ? 0 : 1)
  })

  test('reads the environment when it starts', async () => {
    const env = {
      PLUGIN_IMAGES: `${registry.host}/app:1`,
      PLUGIN_USERNAME: 'ann',
      PLUGIN_PASSWORD: 'tr0ub4dor',
    }
    const { exitCode, stdout } = await runCli(['--debug'], { env, snapshot: true })
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`${registry.host}/app:1`)
    expect(stdout).not.toContain('tr0ub4dor')
  })

  test('stops when a signal says so, with the exit code of it', async () => {
    const hanging = registry.faults.add({}, { hang: true })
    const kill = { when: () => hanging.hits > 0, signal: 'SIGTERM' } as const
    const run = await runCli([`${registry.host}/app:1`], { kill, snapshot: true })
    hanging.remove()
    expect(run.stdout).toContain('stopped by SIGTERM')
    expect(run.exitCode).toBe(143)
  })
})

describe('two builds in one folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'regguard-snapshot-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const built = async () => {
    await bundleSnapshot(folder, undefined)
    const names = (await readdir(folder)).sort()
    return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const))
  }

  test('give the same bytes, without the script that the snapshot holds', { timeout: 120_000 }, async () => {
    const first = await built()
    expect(first.map(([name]) => name)).toEqual(['regguard-plugin.cjs.map', 'regguard-plugin.snapshot'])
    const second = await built()
    for (const [at, [name, bytes]] of first.entries())
      expect([name, second[at]?.[1].equals(bytes)]).toEqual([name, true])
  })
})

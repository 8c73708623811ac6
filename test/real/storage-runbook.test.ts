import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, type Image, multiPlatform } from '../../src/fake-registry/images/images.ts'
import type { Report } from '../../src/report/schema.ts'
import { suiteNeeds } from '../support/need.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import { runCli } from '../support/run-cli.ts'
import { skopeoCopyAll } from '../support/skopeo.ts'
import { layoutOf } from '../support/storage/layout.ts'
import { expectRunbook } from '../support/storage/runbook.ts'

suiteNeeds(['docker-registry', 'skopeo', 'curl'])('the runbook of docs/storage.md on registry 2.8', () => {
  let registry: RealRegistry
  let work: string
  const built = multiPlatform({ platforms: ['linux/amd64', 'linux/arm64'], seed: 'runbook' })
  const [amd64, arm64] = built.images as [Image, Image]
  const names = () => ({ root: registry.root, host: registry.host })

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'regguard-runbook-'))
    registry = await startRealRegistry()
    // Pipelines often push each platform to a repository of its own, and join them to one image afterwards.
    await push(registry.host, 'infra/ci-amd64', contentsOf(amd64), { tag: 'latest' })
    await push(registry.host, 'infra/ci', built.contents, { tag: 'latest' })
    await push(
      registry.host,
      'infra/base',
      multiPlatform({ seed: 'base' }).images.flatMap((one) => contentsOf(one)),
      { tag: '1' },
    )
  })
  afterAll(async () => {
    await registry?.stop()
    await rm(work, { recursive: true, force: true })
  })

  const scan = async () => {
    const json = join(work, 'report.json')
    const args = ['scan', registry.root, '--registry', `http://${registry.host}`, '--report_json', json]
    const run = await runCli(args, { env: { PLUGIN_CHECKS: 'storage', PLUGIN_SETTLE: '0s' } })
    const report: Report = JSON.parse(await readFile(json, 'utf8'))
    return { ...run, repair: report.storage?.repair, images: report.storage?.images }
  }

  /** Takes the steps of the plan, as a person would paste them. */
  const takeSteps = async (steps: { action: string; command?: string | undefined }[]) => {
    for (const { action, command } of steps) {
      if (action.startsWith('restart')) await registry.restart()
      else if (command !== undefined) await execa('sh', ['-c', command])
    }
  }

  const pull = async () => {
    const { ok } = await skopeoCopyAll(`${registry.host}/infra/ci:latest`, join(work, 'pulled'))
    await rm(join(work, 'pulled'), { recursive: true, force: true })
    return ok
  }
  const verify = () => runCli([`${registry.host}/infra/ci:latest`])

  test('a child that lost its link is restored before the next garbage collection', async () => {
    await rm(layoutOf(registry.root).revisionLink('infra/ci', arm64.manifest.digest))
    const first = await scan()
    expect(first.exitCode).toBe(1)
    expectRunbook('First look', first.stdout, names())
    expect(first.images?.broken.map(({ outcome }) => outcome)).toEqual(['restore'])
    await takeSteps(first.repair?.steps ?? [])
    expect(await pull()).toBe(true)
  })

  test('the proof: the scan, and the image as a client gets it', async () => {
    const [after, image] = [await scan(), await verify()]
    expect([after.exitCode, image.exitCode]).toEqual([0, 0])
    expectRunbook('Proof', `${after.stdout}\n${image.stdout}`, names())
  })

  test('after garbage-collect --delete-untagged, the scan tells what is left to restore', async () => {
    expect((await registry.garbageCollect({ deleteUntagged: true })).exitCode).toBe(0)
    const collected = await scan()
    expect(collected.exitCode).toBe(1)
    expectRunbook('After a garbage collection with --delete-untagged', collected.stdout, names())
    expect(collected.images?.broken).toMatchObject([
      {
        outcome: 'restore-platforms',
        platforms: [
          { platform: 'linux/amd64', restorable: true },
          { platform: 'linux/arm64', restorable: false },
        ],
      },
    ])
    await takeSteps(collected.repair?.steps ?? [])
    const half = await verify()
    expect(half.stdout).toMatch(/linux\/amd64 +\u2713/)
    expect(half.stdout).toMatch(/linux\/arm64 +\u2717/)
  })

  test('a push after the restart restores the rest', async () => {
    await push(registry.host, 'infra/ci', built.contents, { tag: 'latest', skipExisting: true })
    expect(await pull()).toBe(true)
    expect((await scan()).exitCode).toBe(0)
  })
})

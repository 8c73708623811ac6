import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Index, multiPlatform } from '../../src/fake-registry/images/images.ts'
import { suiteNeeds } from '../support/need.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import { runCli } from '../support/run-cli.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

const platforms = ['linux/amd64', 'linux/arm64', 'linux/riscv64']

suiteNeeds(['docker-registry'])('an orphaned index on registry 2.8, from push to repair', () => {
  let registry: RealRegistry
  let built: ReturnType<typeof multiPlatform>
  let reference: string

  beforeAll(async () => {
    registry = await startRealRegistry()
    built = multiPlatform({ platforms, attestations: true, seed: 'story' })
    await push(registry.host, 'infra/ci', built.contents, { tag: 'latest' })
    reference = `${registry.host}/infra/ci:latest`
  })
  afterAll(() => registry?.stop())

  const step = (settings: Record<string, string> = {}) =>
    runCli([], {
      snapshot: true,
      env: {
        CI: 'woodpecker',
        CI_PIPELINE_EVENT: 'push',
        CI_PIPELINE_NUMBER: '366',
        PLUGIN_REPO: `${registry.host}/infra/ci`,
        PLUGIN_TAGS: 'latest',
        PLUGIN_PLATFORMS: platforms.join(','),
        ...settings,
      },
    })

  test('a fresh push passes', async () => {
    const run = await step()
    expect(run.exitCode).toBe(0)
    expect(run.all).toContain('last byte of every blob served')
    expect(run.all).toContain(', 3 attestations')
    expect(run.all.split('\n').length).toBeLessThan(15)
  })

  test('after garbage-collect -m, every platform is listed under one cause', async () => {
    const swept = await registry.garbageCollect({ deleteUntagged: true })
    expect(swept.exitCode).toBe(0)
    const run = await step()
    expect(run.exitCode).toBe(1)
    for (const platform of platforms)
      expect(run.all).toMatch(new RegExp(`${platform} +.*✗.*404 MANIFEST_UNKNOWN`))
    expect(run.all).toContain('3 of 3 platform images are gone.')
    expect(run.all).toContain('restart pipeline 366, or start it again with the manual event')
    expect(run.all.match(/Orphaned index:/g)).toHaveLength(1)
    const report = await verifyImages([reference])
    expect(causeIds(report)).toEqual(['orphaned-index', 'attestation-missing'])
  })

  test('a push that skips blobs that the registry reports as present fails at probe, while head passes', async () => {
    const sent = await push(registry.host, 'infra/ci', built.contents, { tag: 'latest', skipExisting: true })
    expect(sent).toHaveLength(manifestsOf(built).length)
    await everyHeadAnswersWithTheRightLength(registry, built.index)
    expect(
      (await verifyImages([reference], { settings: { depth: 'head' } })).targets[0]?.members[0]?.proof.listed,
    ).toBeGreaterThan(0)
    const run = await step()
    expect(run.exitCode).toBe(1)
    expect(run.all).toContain('Stale blob cache')
    expect(run.all).toContain('Restart the registry')
  })

  test('after a restart, the registry reports the same blobs as missing', async () => {
    await registry.restart()
    const report = await verifyImages([reference])
    expect(report.exitCode).toBe(1)
    expect(causeIds(report)).toContain('layer-missing')
    expect(causeIds(report)).toContain('config-missing')
  })

  test('a rebuild and push repairs it', async () => {
    await push(registry.host, 'infra/ci', built.contents, { tag: 'latest' })
    expect((await step({ PLUGIN_DEPTH: 'full' })).exitCode).toBe(0)
  })

  test('with the registry stopped, the image is not judged: exit 3', async () => {
    await registry.stop()
    const run = await step()
    expect(run.exitCode).toBe(3)
    expect(run.all).toContain('NOT CHECKED')
    expect(run.all).toMatch(/connection to \S+ refused/)
    expect(run.all).not.toContain('FAILED')
  })
})

const manifestsOf = ({ contents }: ReturnType<typeof multiPlatform>) =>
  contents.filter(({ kind }) => kind === 'manifest')

/** Checks what a script with curl would check, and finds no problem. */
async function everyHeadAnswersWithTheRightLength(registry: RealRegistry, index: Index): Promise<void> {
  for (const child of index.children) {
    for (const blob of child.blobs) {
      const head = await fetch(`http://${registry.host}/v2/infra/ci/blobs/${blob.digest}`, { method: 'HEAD' })
      expect(head.status).toBe(200)
      expect(Number(head.headers.get('content-length'))).toBe(blob.bytes.length)
    }
  }
}

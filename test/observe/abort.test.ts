import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentsOf, image, randomLayer } from '../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry, Fault, Match } from '../../src/fake-registry/registry.ts'
import { Stop } from '../../src/verify.ts'
import { until } from '../support/until.ts'
import { noteIds, verifyImages } from '../support/verify.ts'
import { useRegistries } from './kit.ts'

const start = useRegistries()
const rejections: unknown[] = []
const note = (reason: unknown) => void rejections.push(reason)

beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => {
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

function push(registry: EmbeddedRegistry) {
  const layers = [2000, 400_000, 600_000].map((bytes, at) =>
    randomLayer({ bytes, seed: `${at}`, compression: at === 2 ? 'gzip' : 'none' }),
  )
  const pushed = image('linux/amd64', { layers })
  registry.store.push('app', contentsOf(pushed), '1')
}

/** Runs, and stops the run from outside once it has met what holds it up. */
async function stopped(
  registry: EmbeddedRegistry,
  met: () => boolean | Promise<boolean>,
  settings: Record<string, string> = {},
  reason: unknown = new Stop('stopped by SIGTERM', 143),
) {
  const controller = new AbortController()
  const run = verifyImages([`${registry.host}/app:1`], { settings, signal: controller.signal })
  await until('the run is held up', met)
  controller.abort(reason)
  return run
}

/** Whoever has sent something before has it received when this ends. */
const roundTrip = async (registry: EmbeddedRegistry) => (await fetch(`${registry.url}/v2/`)).arrayBuffer()

const places: [string, Match, Fault][] = [
  ['the tag is never answered', { path: /manifests/ }, { hang: true }],
  ['no blob is answered', { path: /blobs/ }, { hang: true }],
  ['one blob is not answered', { path: /blobs/, skip: 2, times: 1 }, { hang: true }],
  ['a manifest never ends', { path: /manifests/ }, { drip: { bytes: 1, everyMs: 50 } }],
  ['blobs drip', { path: /blobs/ }, { drip: { bytes: 100, everyMs: 50 } }],
  ['the last look at the tag hangs', { path: /manifests\/1/, method: 'HEAD' }, { hang: true }],
  ['a repetition is waited for', { path: /blobs/ }, { status: 503, headers: { 'retry-after': '30' } }],
  [
    'a fresh push is waited for',
    { path: /blobs/ },
    { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN', message: '' }] } },
  ],
]

describe.each(['head', 'probe', 'full'])('a run at depth %s that is stopped', (depth) => {
  const relevant = places.filter(([, , fault]) => depth === 'full' || !('drip' in fault))

  test.each(relevant)(
    'while %s ends at once, and says of nothing unseen more than that',
    async (_, match, fault) => {
      const registry = await start()
      push(registry)
      const held = registry.faults.add(match, fault)
      const met = async () => held.hits > 0 && (await roundTrip(registry)).byteLength > 0
      const report = await stopped(registry, met, { depth, settle: '60s' })
      expect(report).toMatchObject({ exitCode: 143, stopped: 'stopped by SIGTERM', crashes: [] })
      expect(report.causes.flatMap(({ severity, id }) => (severity === 'note' ? [] : [id]))).toEqual([])
      expect(noteIds(report).filter((id) => id !== 'requests-repeated')).toEqual(['run-stopped'])
      expect(JSON.stringify(report.causes)).toContain('stopped by SIGTERM')
      // What was on its way by then may still arrive.
      await roundTrip(registry)
      const requests = registry.requests.length
      await roundTrip(registry)
      expect(registry.requests.length).toBe(requests + 1)
    },
  )
})

describe('a run that is stopped', () => {
  test('by a limit could not look, with exit code 3', async () => {
    const registry = await start()
    push(registry)
    const held = registry.faults.add({}, { hang: true })
    const report = await stopped(registry, () => held.hits > 0, {}, new Stop('the limit of 1 s ran out'))
    expect(report).toMatchObject({ exitCode: 3, stopped: 'the limit of 1 s ran out', status: 'unknown' })
  })

  test('before it began asks nothing', async () => {
    const registry = await start()
    push(registry)
    const report = await verifyImages([`${registry.host}/app:1`], {
      signal: AbortSignal.abort(new Stop('too late', 130)),
    })
    expect(report).toMatchObject({ exitCode: 130, stopped: 'too late' })
    expect(registry.requests).toEqual([])
  })

  test('while it waits for a token ends at once', async () => {
    const registry = await start({ auth: { kind: 'bearer', anonymousPull: true } })
    push(registry)
    const held = registry.faults.add({ path: '/token' }, { hang: true })
    const report = await stopped(registry, () => held.hits > 0)
    expect(noteIds(report)).toEqual(['run-stopped'])
  })

  test('keeps what it had found until then', async () => {
    const registry = await start()
    const layers = [2000, 3000].map((bytes, at) => randomLayer({ bytes, seed: `${at}` }))
    registry.store.push('app', contentsOf(image('linux/amd64', { layers })), '1')
    registry.store.remove('app', layers[0]?.digest ?? '')
    const held = registry.faults.add({ digest: layers[1]?.digest ?? '' }, { hang: true })
    const found = () =>
      registry.requests.some(({ path, status }) => path.includes('/blobs/') && status === 404)
    const met = async () => held.hits > 0 && found() && (await roundTrip(registry)).byteLength > 0
    const report = await stopped(registry, met, {}, new Stop('the limit ran out'))
    expect(report.exitCode).toBe(1)
    expect(report.causes.map(({ id }) => id)).toEqual(['layer-missing', 'run-stopped'])
    // The tag was not resolved again, which nobody waited for.
    expect(report.causes[1]?.findings[0]?.message).toBe(
      `the limit ran out: 2 objects not verified, while waiting for ${registry.host}/app@${layers[1]?.digest}`,
    )
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Image,
  image,
  type MultiPlatform,
  multiPlatform,
} from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { registryReport } from '../../src/report/watch.ts'
import { type WatchKit, watchOf } from './kit.ts'

const short = (digest: string) => digest.slice(7, 15)
const hour = 3_600_000

let registry: EmbeddedRegistry
let watch: WatchKit
let app: MultiPlatform
let tool: Image
beforeEach(async () => {
  registry = await startRegistry()
  app = multiPlatform({ seed: 'app' })
  tool = image('linux/amd64')
  registry.store.push('team/app', app.contents, '1.0')
  registry.store.push('tool', [...tool.layers, tool.config, tool.manifest], 'latest')
  watch = watchOf(registry.host)
})
afterEach(() => registry.close())

/** The requests of the last run: `METHOD what`, without names and digests. */
function requestsSince(from: number): string[] {
  return registry.requests
    .slice(from)
    .map(
      ({ method, path }) =>
        `${method} ${path.replace(/^\/v2\/(?:team\/app|tool)?\/?/, '').replace(/[/?].*/, '')}`,
    )
    .toSorted()
}
const countsOf = (requests: string[]) =>
  Object.fromEntries([...Map.groupBy(requests, (one) => one)].map(([name, all]) => [name, all.length]))

describe('a healthy registry', () => {
  test('is read once, and then asked by HEAD for tags and children, and for a slice of its blobs', async () => {
    await watch.run()
    expect(watch.state.lastRun).toMatchObject({ outcome: 'ok', repositories: 2, tags: 2, indexes: 1 })
    const from = registry.requests.length
    await watch.run()
    // Two tags and two platforms; one of 24 parts of 8 blobs.
    expect(countsOf(requestsSince(from))).toEqual({ 'GET tags': 2, 'HEAD manifests': 4, 'GET blobs': 1 })
  })

  test('is listed once in an hour', async () => {
    for (let run = 0; run < 9; run += 1) await watch.run()
    expect(registry.requests.filter(({ path }) => path.includes('_catalog'))).toHaveLength(3)
  })

  test('has the end of each blob read again within `reprove`', async () => {
    await watch.run()
    const from = registry.requests.length
    for (let run = 0; run < 24; run += 1) await watch.run()
    const read = registry.requests.slice(from).filter(({ path }) => path.includes('/blobs/'))
    expect(new Set(read.map(({ path }) => path)).size).toBe(8)
  })

  test('has each blob read once more after the clock was set back', async () => {
    await watch.run()
    watch.clock.at -= 24 * hour
    const blobs = async () => {
      const from = registry.requests.length
      await watch.run()
      return countsOf(requestsSince(from))['GET blobs']
    }
    expect([await blobs(), await blobs()]).toEqual([8, 1])
  })

  test('has no proof that is too old, however long it is watched', async () => {
    for (let run = 0; run < 60; run += 1) await watch.run()
    const about = { accepted: [], reproveMs: 6 * hour, now: watch.clock.at, docsUrl: undefined }
    expect(registryReport(watch.state, about).objects).toMatchObject({ stale: 0, unproven: 0, missing: 0 })
  })

  test('has each manifest read once, also if a tag moves to it and back', async () => {
    await watch.run()
    registry.store.push('team/app', app.contents, '1.1')
    await watch.run()
    const reads = registry.requests.filter(
      ({ method, path }) => method === 'GET' && path.includes('/manifests/'),
    )
    expect(reads.length).toBe(new Set(reads.map(({ path }) => path)).size)
  })
})

describe('an index that lost a child', () => {
  test('is found in the run after, confirmed by a second look, and remembered while it lasts', async () => {
    await watch.run()
    const [amd64, arm64] = app.images
    registry.store.remove('team/app', arm64?.manifest.digest ?? '')
    const brokeAt = watch.clock.at
    await watch.run()
    const fault = `team/app orphaned-index ${short(arm64?.manifest.digest ?? '')}`
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['findings', [fault]])
    const from = registry.requests.length
    await watch.run()
    // Nothing is read again while it stays broken.
    expect(requestsSince(from)).not.toContain('GET manifests')
    const [image] = watch.state.repositories.get('team/app')?.images.values() ?? []
    expect(image?.faults).toMatchObject([
      { firstSeen: brokeAt, confirmed: brokeAt, lastSeen: brokeAt + hour / 4 },
    ])
    expect(amd64?.manifest.digest).toBeDefined()
  })

  test('leads to a look at every blob of the registry', async () => {
    await watch.run()
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    registry.store.remove('tool', tool.layers[0]?.digest ?? '')
    await watch.run()
    expect(watch.faults().toSorted()).toEqual([
      `team/app orphaned-index ${short(app.images[0]?.manifest.digest ?? '')}`,
      `tool layer-missing ${short(tool.layers[0]?.digest ?? '')}`,
    ])
  })

  test('is over when it is pushed again', async () => {
    await watch.run()
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    await watch.run()
    registry.store.push('team/app', app.contents, '1.0')
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
  })

  test('is over when its tag moves to another image, or is deleted', async () => {
    await watch.run()
    registry.store.push('team/app', multiPlatform({ seed: 'other' }).contents, '2.0')
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    await watch.run()
    expect(watch.faults()).toHaveLength(1)
    registry.store.untag('team/app', '1.0')
    await watch.run()
    expect(watch.faults()).toEqual([])
  })
})

describe('what is no fault', () => {
  test('a tag that is deleted with its image between two runs, or in the middle of one', async () => {
    await watch.run()
    registry.store.untag('team/app', '1.0')
    for (const { digest } of app.contents) registry.store.remove('team/app', digest)
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])

    // Deleted after it was listed: its own HEAD finds nothing, and the second list does not have it any more.
    registry.store.push('team/app', app.contents, '1.0')
    await watch.run()
    const untag = registry.store.tags
    registry.store.tags = (name) => {
      const found = untag(name)
      if (name === 'team/app') {
        registry.store.tags = untag
        registry.store.untag('team/app', '1.0')
      }
      return found
    }
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
  })

  test('a blob that is missing at the first look and there at the second', async () => {
    registry.faults.add(
      { path: /\/blobs\//, times: 1 },
      { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } },
    )
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
  })

  test('a registry that is down: nothing is broken, and what was stays so', async () => {
    await watch.run()
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    await watch.run()
    const before = watch.faults()
    registry.faults.add({}, { reset: 'before-headers' })
    const lastSuccess = watch.state.lastSuccess
    await watch.run()
    expect(watch.state.lastRun).toMatchObject({
      outcome: 'unchecked',
      unknown: { 'connection-cut': expect.any(Number) },
    })
    expect([watch.faults(), watch.state.lastSuccess]).toEqual([before, lastSuccess])
    registry.faults.clear()
    registry.store.push('team/app', app.contents, '1.0')
    const from = registry.requests.length
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
    // Garbage collections and restores come with outages: everything is read.
    expect(
      new Set(
        registry.requests
          .slice(from)
          .filter(({ path }) => path.includes('/blobs/'))
          .map(({ path }) => path),
      ).size,
    ).toBe(8)
  })
})

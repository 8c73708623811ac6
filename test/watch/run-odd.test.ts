import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  contentsOf,
  type Image,
  image,
  index,
  layer,
  type MultiPlatform,
  multiPlatform,
  randomLayer,
} from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { watchOf } from './kit.ts'

const short = (digest = '') => digest.slice(7, 15)

let registry: EmbeddedRegistry
let app: MultiPlatform
beforeEach(async () => {
  registry = await startRegistry()
  app = multiPlatform({ seed: 'app', attestations: true })
  registry.store.push('team/app', app.contents, '1.0')
})
afterEach(() => registry.close())

const contentsOfImage = ({ layers, config, manifest }: Image) => [...layers, config, manifest]
const sent = (method: string, part: string) =>
  registry.requests.filter((one) => one.method === method && one.path.includes(part))

describe('faults of blobs', () => {
  const layerOf = () => app.images[0]?.layers[1]?.digest ?? ''

  test.each([
    ['a stale blob cache', { staleCache: true } as const, 'stale-blob-cache'],
    ['a truncated layer', { truncateTo: 10, as: 'cold' } as const, 'blob-truncated'],
  ])('%s is found in its turn, and is over when it is', async (_name, fault, id) => {
    const watch = watchOf(registry.host, { interval: '6h' })
    await watch.run()
    const active = registry.faults.add({ digest: layerOf() }, fault)
    await watch.run()
    expect(watch.faults()).toEqual([`team/app ${id} ${short(layerOf())}`])
    active.remove()
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
  })

  test('what is broken below a manifest that cannot be read now stays so', async () => {
    const watch = watchOf(registry.host, { interval: '6h' })
    await watch.run()
    const [first, second] = app.images
    registry.faults.add({ digest: layerOf() }, { truncateTo: 10, as: 'cold' })
    await watch.run()
    const known = `team/app blob-truncated ${short(layerOf())}`
    expect(watch.faults()).toEqual([known])
    const unreadable = registry.faults.add(
      { digest: first?.manifest.digest ?? '', method: 'GET' },
      { status: 403 },
    )
    const other = second?.layers[1]?.digest ?? ''
    const broken = registry.faults.add({ digest: other }, { truncateTo: 10, as: 'cold' })
    await watch.run()
    expect(watch.faults().toSorted()).toEqual([known, `team/app blob-truncated ${short(other)}`].toSorted())
    unreadable.remove()
    broken.remove()
    await watch.run()
    expect(watch.faults()).toEqual([known])
  })

  test('bit rot is found by the hashes of a budget, and stays until the content is right', async () => {
    const watch = watchOf(registry.host, { hash_budget: '1MiB', interval: '6h' })
    await watch.run()
    const bytes = Buffer.from(app.images[0]?.layers[1]?.bytes ?? '')
    bytes[20] = (bytes[20] ?? 0) ^ 0xff
    const active = registry.faults.add({ digest: layerOf() }, { bytes })
    const fault = `team/app blob-corrupt ${short(layerOf())}`
    for (let run = 0; run < 3; run += 1) {
      await watch.run()
      expect(watch.faults()).toEqual([fault])
    }
    active.remove()
    await watch.run()
    expect(watch.faults()).toEqual([])
  })

  test('a manifest with other bytes is found when it is read, and stays so while HEAD lists it', async () => {
    const { digest, bytes } = app.images[0]?.manifest ?? { digest: '', bytes: Buffer.alloc(0) }
    const active = registry.faults.add({ digest, method: 'GET' }, { bytes: Buffer.from(`${bytes} `) })
    const watch = watchOf(registry.host)
    for (let run = 0; run < 3; run += 1) {
      await watch.run()
      expect(watch.faults()).toEqual([`team/app manifest-corrupt ${short(digest)}`])
    }
    active.remove()
    for (let run = 0; run < 4; run += 1) await watch.run()
    expect(watch.faults()).toEqual([])
  })

  test('a tag whose manifest is not served is whole again when it is', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    const digest = watch.state.repositories.get('team/app')?.tags.get('1.0')?.digest ?? ''
    watch.state.repositories.get('team/app')?.images.clear()
    const body = { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }
    const lost = registry.faults.add({ path: /manifests/, digest, method: 'GET' }, { status: 404, body })
    await watch.run()
    expect(watch.faults()).toHaveLength(1)
    lost.remove()
    for (let run = 0; run < 6; run += 1) await watch.run()
    expect([watch.faults(), watch.state.lastRun?.outcome]).toEqual([[], 'ok'])
  })

  test('what is wrong with the content of a digest is read once, and never again', async () => {
    const [one] = app.images
    if (!one) throw new Error('no image')
    const twice = index([one, image('linux/amd64')])
    registry.store.push('twice', contentsOf(twice), '1')
    const watch = watchOf(registry.host)
    await watch.run()
    expect(watch.faults()).toEqual([`twice platform-duplicate ${short(twice.manifest.digest)}`])
    const from = registry.requests.length
    for (let run = 0; run < 12; run += 1) await watch.run()
    expect(sent('GET', '/manifests/').filter((one) => registry.requests.indexOf(one) >= from)).toEqual([])
    expect(watch.faults()).toHaveLength(1)
  })

  test('without a budget nothing is downloaded for its hash', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    const before = watch.state.bytes
    for (let run = 0; run < 5; run += 1) await watch.run()
    expect(watch.state.bytes - before).toBeLessThan(10_000)
  })

  test('a lost attestation is a warning, and no failure of the image', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.store.remove('team/app', app.attestations[0]?.manifest.digest ?? '')
    await watch.run()
    const [found] = watch.state.repositories.get('team/app')?.images.values() ?? []
    expect(found?.faults).toMatchObject([{ id: 'attestation-missing', severity: 'warning' }])
  })
})

describe('tags', () => {
  test('one that is listed and not served is a fault, and over when it is pushed again', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.store.remove('team/app', app.index.manifest.digest)
    await watch.run()
    expect(watch.faults()).toEqual(['team/app tag-missing'])
    registry.store.push('team/app', app.contents, '1.0')
    await watch.run()
    expect(watch.faults()).toEqual([])
  })

  test('one that is named and not there is a fault; the list of tags is not needed for it', async () => {
    const watch = watchOf(registry.host, { repo: 'team/app', tags: '1.0,2.0' })
    await watch.run()
    expect(watch.faults()).toEqual(['team/app tag-missing'])
    expect(sent('GET', 'tags/list')).toEqual([])
    registry.store.push('team/app', app.contents, '2.0')
    await watch.run()
    expect(watch.faults()).toEqual([])
  })

  test('patterns and the newest ones choose, also later', async () => {
    for (const tag of ['1.1', '1.2', 'dev-9', 'latest']) registry.store.push('team/app', app.contents, tag)
    const watch = watchOf(registry.host, { tags: '1.*,latest', newest_tags: '2' })
    const asked = (from: number) =>
      registry.requests
        .slice(from)
        .flatMap(({ method, path }) => /manifests\/([^s].*)$/.exec(method === 'HEAD' ? path : '')?.[1] ?? [])
    await watch.run()
    expect(new Set(asked(0))).toEqual(new Set(['latest', '1.2']))
    registry.store.push('team/app', app.contents, '1.0.1')
    const from = registry.requests.length
    await watch.run()
    expect(new Set(asked(from))).toEqual(new Set(['1.0.1', 'latest']))
    // Nor are more asked for where the list fails.
    registry.faults.add({ path: /tags\/list/ }, { status: 403 })
    const failed = registry.requests.length
    await watch.run()
    expect(new Set(asked(failed))).toEqual(new Set(['1.0.1', 'latest']))
  })

  test('of those that were there from the beginning, one that moves is newer', async () => {
    for (const tag of ['1.1', '1.2', 'latest']) registry.store.push('team/app', app.contents, tag)
    const watch = watchOf(registry.host, { newest_tags: '2' })
    await watch.run()
    registry.store.push('team/app', contentsOfImage(image('linux/amd64')), '1.2')
    await watch.run()
    registry.store.push('team/app', app.contents, '0.1')
    const from = registry.requests.length
    await watch.run()
    const heads = registry.requests
      .slice(from)
      .filter(({ method, path }) => method === 'HEAD' && !path.includes('sha'))
    expect(heads.map(({ path }) => path.split('/').at(-1)).toSorted()).toEqual(['0.1', '1.2'])
  })

  test('an image of which a part cannot be read is read again ever more rarely', async () => {
    const { digest = '' } = app.images[0]?.manifest ?? {}
    registry.faults.add({ digest, method: 'GET' }, { status: 403 })
    const watch = watchOf(registry.host)
    const reads = async () => {
      const from = registry.requests.length
      await watch.run()
      return registry.requests
        .slice(from)
        .filter(({ method, path }) => method === 'GET' && path.includes(digest)).length
    }
    const counts: number[] = []
    for (let run = 0; run < 17; run += 1) counts.push(await reads())
    // After a quarter of an hour, then half an hour, one hour, two.
    expect(counts.flatMap((count, run) => (count > 0 ? [run] : []))).toEqual([0, 1, 2, 4, 8, 16])
    expect(watch.state.lastRun?.outcome).toBe('partial')
  })

  test('a registry without HEAD is asked by GET', async () => {
    registry.faults.add({ method: 'HEAD' }, { status: 405 })
    const watch = watchOf(registry.host)
    await watch.run()
    registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
    await watch.run()
    expect(watch.faults()).toEqual([`team/app orphaned-index ${short(app.images[0]?.manifest.digest)}`])
  })
})

describe('a registry that ignores ranges, as Gitea and Forgejo do', () => {
  test('has its blobs read whole in turn, and a layer that its storage cut is found', async () => {
    registry.behaviour.ignoreRanges = true
    const watch = watchOf(registry.host, { interval: '6h' })
    await watch.run()
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
    const { objects } = watch.state.repositories.get('team/app') ?? { objects: new Map() }
    expect(
      [...objects.values()].filter(({ kind, proof }) => kind !== 'manifest' && proof !== 'whole'),
    ).toEqual([])
    const digest = app.images[0]?.layers[1]?.digest ?? ''
    registry.faults.add({ digest }, { truncateTo: 10, as: 'gitea' })
    await watch.run()
    expect(watch.faults()).toEqual([expect.stringContaining(short(digest))])
  })

  test('claims no proof of a blob that the budget leaves unread', async () => {
    registry.behaviour.ignoreRanges = true
    const large = image('linux/amd64', { layers: [randomLayer({ bytes: 9 * 1024 * 1024, seed: 'large' })] })
    registry.store.push('large', contentsOfImage(large), '1')
    const watch = watchOf(registry.host, { probe_budget: '0', interval: '6h' })
    await watch.run()
    const { objects } = watch.state.repositories.get('large') ?? { objects: new Map() }
    const layer = objects.get(large.layers[0]?.digest ?? '')
    expect(layer).toMatchObject({ proof: 'opened', lastLooked: expect.any(Number) })
    expect(layer?.lastProven).toBeUndefined()
    // It has its turn like all others, and is not asked for in each run because of that.
    watch.clock.at -= 15 * 60_000
    const from = registry.requests.length
    await watch.run()
    expect(
      registry.requests.slice(from).filter(({ path }) => path.includes(large.layers[0]?.digest ?? '')).length,
    ).toBeLessThanOrEqual(1)
  })
})

describe('a pull-through cache', () => {
  test('is asked by HEAD for the tags that are named, and for nothing else', async () => {
    const watch = watchOf(registry.host, { mirror: 'true', repo: 'team/app', tags: '1.0,2.0' })
    await watch.run()
    await watch.run()
    expect(new Set(registry.requests.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set(['HEAD /v2/team/app/manifests/1.0', 'HEAD /v2/team/app/manifests/2.0']),
    )
    expect(watch.state.lastRun).toMatchObject({ outcome: 'partial', unknown: { 'mirror-miss': 1 } })
    expect(watch.faults()).toEqual([])
  })
})

describe('hostile and huge lists', () => {
  test('a catalog that loops its pages or cannot be listed leaves the rest of the last list watched', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.faults.add(
      { path: /_catalog/ },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    for (let run = 0; run < 4; run += 1) await watch.run()
    expect(watch.state.lastRun).toMatchObject({ listed: false, outcome: 'partial', tags: 1 })
  })

  const unmarked = { dropHeader: 'docker-distribution-api-version' } as const
  test.each([
    ['nothing', { body: '' }],
    ['a text', { body: 'no such route' }],
  ])('a 404 with %s, and without a sign of a registry, confirms no fault', async (_name, answer) => {
    const watch = watchOf(registry.host, { interval: '6h' })
    await watch.run()
    const { images } = app
    const lost = [
      /manifests\/1\.0$/,

      images[0]?.manifest.digest,
      images[0]?.layers[0]?.digest,
    ]
    for (const one of lost) {
      const match = one instanceof RegExp ? { path: one } : { digest: one ?? '' }
      const active = registry.faults.add(match, { status: 404, ...answer }, unmarked)
      for (let run = 0; run < 3; run += 1) await watch.run()
      const { outcome, unknown } = watch.state.lastRun ?? {}
      expect([outcome, watch.faults()], String(one)).toEqual(['partial', []])
      expect(unknown).toMatchObject({ 'not-a-registry': expect.any(Number) })
      active.remove()
      await watch.run()
      expect(watch.state.lastRun?.outcome).toBe('ok')
    }
  })

  test.each([
    ["a router's answer", { body: '404 page not found\n', headers: { 'content-type': 'text/plain' } }],
    ['a web page', { body: '<html><title>Not found</title>', headers: { 'content-type': 'text/html' } }],
  ])('a 404 with %s says nothing of the repository', async (_name, answer) => {
    const watch = watchOf(registry.host)
    await watch.run()
    const digestNow = () => watch.state.repositories.get('team/app')?.tags.get('1.0')?.digest
    const before = digestNow()
    registry.faults.add({ path: /\/v2\// }, { status: 404, ...answer })
    for (let run = 0; run < 6; run += 1) await watch.run()
    expect(watch.state.lastRun).toMatchObject({ listed: false, outcome: 'unchecked' })
    expect([before, digestNow(), watch.faults()]).toEqual([expect.any(String), before, []])
  })

  test('a list of tags that is 404 without an error code does not end a repository', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.faults.add({ path: /tags\/list/ }, { status: 404, body: '' })
    await watch.run()
    expect(watch.state.lastRun).toMatchObject({ unknown: { 'answer-invalid': 1 }, tags: 1 })
    expect(watch.state.repositories.get('team/app')?.tags.size).toBe(1)
  })

  describe('a catalog of 100,000 repositories', () => {
    beforeEach(() => {
      const repositories = Array.from({ length: 100_000 }, (_, at) => `team/app${at}`)
      registry.faults.add({ path: /_catalog/ }, { status: 200, body: { repositories } })
    })

    test('is more than one process can watch, which says what to set', async () => {
      const watch = watchOf(registry.host)
      await watch.run()
      expect(watch.state.lastRun).toMatchObject({
        ...{ listed: false, outcome: 'unchecked', repositories: 0 },
        why: expect.stringMatching(
          /has more than 50000 names for one process: set shards, .* or name in repo/,
        ),
      })
    })

    test.each([
      ['by a pattern', { repo: 'team/app9999*' }, 11],
      ['by parts', { shards: '1000', shard: '7' }, 100],
    ])('is watched in part: %s', async (_name, given, about) => {
      const watch = watchOf(registry.host, given as unknown as Record<string, string>)
      await watch.run()
      const { repositories = 0 } = watch.state.lastRun ?? {}
      expect(Math.abs(repositories - about)).toBeLessThan(about / 2)
      expect(watch.state.catalog?.names).toHaveLength(repositories)
    })
  })

  test('the list of the catalog is not used for other repositories than it was made for', async () => {
    const watch = watchOf(registry.host)
    registry.store.push('tool', app.contents, '1')
    await watch.run()
    const other = watchOf(registry.host, { repo: 'too*' })
    other.state.catalog = { at: other.clock.at, names: ['team/app'], of: ['team/*'] }
    await other.run()
    expect([...other.state.repositories.keys()]).toEqual(['tool'])
  })

  test('names with newlines, quotes or dots are never requested', async () => {
    const names = ['team/app', 'a\nb', 'x"} 1', '../../etc', 'Team/App', '']
    registry.faults.add({ path: /_catalog/ }, { status: 200, body: { repositories: names } })
    const watch = watchOf(registry.host)
    await watch.run()
    expect([...watch.state.repositories.keys()]).toEqual(['team/app'])
  })

  test('repositories that come and go while they are listed are no faults', async () => {
    const tags = registry.store.tags
    let calls = 0
    registry.store.tags = (name) => {
      calls += 1
      registry.store.push(`new/app${calls}`, contentsOfImage(image('linux/amd64')), '1')
      return tags(name)
    }
    const watch = watchOf(registry.host)
    await watch.run()
    await watch.run()
    expect([watch.state.lastRun?.outcome, watch.faults()]).toEqual(['ok', []])
  })
})

describe('after a notification', () => {
  test('only what it names is asked for, also a repository that is not listed yet', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    registry.store.push(
      'fresh',
      contentsOfImage(image('linux/amd64', { layers: [layer({ name: 'a' })] })),
      '1',
    )
    const [before, from] = [watch.state.runs.ok, registry.requests.length]
    await watch.run({ only: ['fresh'] })
    expect(watch.state.repositories.get('fresh')?.images.size).toBe(1)
    expect(registry.requests.slice(from).every(({ path }) => path.includes('/fresh/'))).toBe(true)
    expect(watch.state.runs.ok).toBe(before)
  })

  test('a repository that is not listed yet stays, and one that does not exist is forgotten', async () => {
    const watch = watchOf(registry.host)
    await watch.run()
    const fresh = image('linux/amd64', { layers: [layer({ name: 'a' })] })
    registry.store.push('fresh', contentsOfImage(fresh), '1')
    await watch.run({ only: ['fresh', 'none'] })
    const from = registry.requests.length
    await watch.run()
    expect([...watch.state.repositories.keys()].toSorted()).toEqual(['fresh', 'team/app'])
    // It did not vanish, so that not everything is read again.
    expect(registry.requests.slice(from).filter(({ path }) => path.includes('/blobs/')).length).toBe(1)
  })
})

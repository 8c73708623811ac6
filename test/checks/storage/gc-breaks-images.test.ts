import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-breaks-images.ts'
import unseen from '../../../src/checks/storage/gc-misses-repository.ts'
import aborts from '../../../src/checks/storage/gc-will-abort.ts'
import { harmlessWithout } from '../../../src/checks/storage-forecast.ts'
import { forecastOf } from '../../../src/facts/queries/storage/forecast/forecast.ts'
import { createUnreadList } from '../../../src/observe/storage/unread.ts'
import {
  collections,
  faultsOfForecast,
  madeIndex,
  makeInventory,
} from '../../support/storage/forecast-inventory.ts'
import { faultsOfStorage, type StorageChange } from '../../support/storage/storage-facts.ts'

test('an index whose platform images have no tag breaks, with the collection that harms nothing', () => {
  expect(faultsOfForecast(check, madeIndex(), collections.old)).toMatchObject([
    {
      ...{ subject: 'infra/ci:latest', severity: 'error', cause: 'untagged' },
      message:
        'none of its 2 platform images can be pulled after garbage-collect of registry 2.8 with --delete-untagged',
      platforms: ['linux/amd64', 'linux/arm64'],
      evidence: [
        expect.stringMatching(
          /^linux\/amd64 sha256:\w{8}\u2026 loses its manifest, its configuration and 1 layer \(200 B\)$/,
        ),
        expect.stringContaining('linux/arm64'),
      ],
      advice: expect.stringContaining(
        'Without it, this storage loses nothing; run it while nothing is pushed:',
      ),
      commands: ['docker exec registry registry garbage-collect /etc/docker/registry/config.yml'],
    },
  ])
})

test('no command is given where the collection without the flag does harm as well', () => {
  const made = madeIndex()
  const lost = made.image('lost')
  made.repository('other', [], { latest: lost })
  const [fault] = faultsOfForecast(check, made, collections.old)
  expect(fault?.commands).toBeUndefined()
})

test.each([
  ['lost its manifests', {}],
  ['lost what is in the folder of its manifests', { hasManifests: true }],
  ['was put aside', { name: '_old/app', hasManifests: true, hasRevisions: true }],
])('nor where it deletes what a repository has that %s, as each version does', (_, change) => {
  for (const version of ['2.8', '3'] as const) {
    const made = madeIndex()
    Object.assign(made.repository('team/app', [made.image('its own')]), {
      ...{ hasManifests: false, hasRevisions: false, hasTags: false, revisions: [] },
      ...change,
    })
    const runs = forecastOf(made.inventory, { version }).runs
    expect(runs.map((run) => harmlessWithout(run, runs))).toEqual([false, false])
  }
  const healthy = forecastOf(madeIndex().inventory, {}).runs
  expect(healthy.map((run) => harmlessWithout(run, healthy))).toEqual([true, true, true, true])
})

test('the possible warning about such a storage gives no command', () => {
  const made = madeIndex()
  Object.assign(made.repository('team/app', [made.image('its own')]), {
    ...{ hasManifests: false, hasRevisions: false, hasTags: false, revisions: [] },
  })
  const faults = faultsOfForecast(check, made)
  expect(faults).toMatchObject([{ severity: 'warning', commands: [], cause: 'possible' }])
  expect(faults[0]?.advice).not.toContain('loses nothing')
})

test('is one warning, with the names, the reason and the collection that harms nothing, where nobody said that the flag is given', () => {
  const made = madeIndex()
  const second = made.index('second', [made.image('third'), made.image('fourth')])
  made.repository('team/app', [second, made.image('third'), made.image('fourth')], {
    '1.0': second,
    arm: made.image('fourth'),
  })
  expect(faultsOfForecast(check, made)).toMatchObject([
    {
      severity: 'warning',
      subject: 'garbage-collect of registry 2.8 with --delete-untagged',
      message: '2 images would break: infra/ci:latest, team/app:1.0',
      title: expect.stringContaining('--delete-untagged deletes what an index lists'),
      because: expect.stringContaining('Registry 2.x does not follow an index'),
      evidence: [
        'infra/ci:latest: none of its 2 platform images can be pulled (linux/amd64, linux/arm64)',
        'team/app:1.0: 1 of its 2 platform images cannot be pulled (linux/amd64)',
      ],
      advice: expect.stringMatching(
        /^Leave --delete-untagged .* Without it, this storage loses nothing; run it while nothing is pushed:$/,
      ),
      commands: ['docker exec registry registry garbage-collect /etc/docker/registry/config.yml'],
    },
  ])
})

test('where the engine tells which version runs, the flag is harmless for 3.x, and the command names the container and its file', () => {
  const seen =
    (version: '2.8' | '3'): StorageChange =>
    (storage) => {
      storage.forecast = forecastOf(madeIndex().inventory, { version })
      const value = { name: 'reg-1', image: `registry:${version}`, config: '/etc/reg.yml' }
      storage.registry = { seen: true, from: 'the container engine', value }
    }
  expect(faultsOfStorage(check, seen('3'))).toEqual([])
  expect(faultsOfStorage(check, seen('2.8'))).toMatchObject([
    { severity: 'warning', commands: ['docker exec reg-1 registry garbage-collect /etc/reg.yml'] },
  ])
})

test('the warning says that the collection stops before it does this', () => {
  const made = madeIndex()
  const other = made.repository('other', [made.image('other')])
  const [link] = other.revisions
  if (link) link.content = { state: 'empty' }
  expect(faultsOfForecast(check, made)).toMatchObject([
    {
      cause: 'possible',
      evidence: [expect.stringContaining('infra/ci:latest'), expect.stringContaining('stops before it does')],
    },
  ])
})

test('the warning counts those beyond the list of a run', () => {
  const made = makeInventory()
  const child = made.image('child')
  const tops = Array.from({ length: 120 }, (_, at) => made.index(`index ${at}`, [child]))
  made.repository('app', [...tops, child], Object.fromEntries(tops.map((top, at) => [`t${at}`, top])))
  expect(faultsOfForecast(check, made)[0]?.evidence).toHaveLength(100)
  expect(faultsOfForecast(check, made)[0]?.message).toMatch(
    /^at least 120 images would break: app:t0, .* and at least 110 more$/,
  )
})

test('errors say how many more there are than a run lists', () => {
  const made = makeInventory()
  const child = made.image('child')
  const tops = Array.from({ length: 120 }, (_, at) => made.index(`index ${at}`, [child]))
  made.repository('app', [...tops, child], Object.fromEntries(tops.map((top, at) => [`t${at}`, top])))
  const faults = faultsOfForecast(check, made, collections.old)
  expect(faults).toHaveLength(100)
  expect(faults[0]?.evidence?.[0]).toBe('20 more are not listed')
})

test.each([collections.recent, collections.plain])('nothing breaks in %o', (known) => {
  expect(faultsOfForecast(check, madeIndex(), known)).toEqual([])
})

test('an image that names its blobs by SHA-512 breaks in every collection', () => {
  const made = makeInventory()
  const image = made.image('named by SHA-512')
  const repository = made.repository('app', [image], { latest: image })
  const stored = made.inventory.manifests.get(image)
  if (stored?.state !== 'parsed') throw new Error('the image was not made')
  for (const reference of stored.document.references) {
    const kept = reference.digest
    reference.digest = made.inventory.digests.add(`sha512:${String(kept).padStart(128, '0')}`)
    repository.layers.others.push({ path: reference.digest, content: { state: 'digest', target: kept } })
  }
  for (const known of [collections.plain, collections.old, collections.recent])
    expect(faultsOfForecast(check, made, known)).toMatchObject([
      {
        ...{ subject: 'app:latest', cause: 'other-name', severity: 'error' },
        title: expect.stringContaining('SHA-512'),
        advice: expect.stringMatching(/^Do not run garbage-collect/),
      },
    ])
  expect(faultsOfForecast(aborts, made, { version: '3', deleteUntagged: false })).toMatchObject([
    { cause: 'other-name', advice: expect.stringMatching(/^Move neither/) },
    { cause: 'other-name' },
  ])
})

describe('of a storage that was read in part', () => {
  /** A storage in which the links of one repository could not be read. */
  const partly = (made: ReturnType<typeof madeIndex>) => {
    const unread = createUnreadList(made.inventory.digests)
    const path = 'repositories/busy/_manifests'
    unread.add({ path, half: 'repositories', kind: 'changing', why: 'it changed each time that it was read' })
    made.inventory.unread = unread.parts
    return (known: Parameters<typeof forecastOf>[1]) => faultsOfForecast(check, made, known, unread.fact())
  }

  test('an image breaks that loses links in its own repository, and no collection is called harmless', () => {
    const faults = partly(madeIndex())
    const [fault] = faults(collections.old)
    expect(fault).toMatchObject({ subject: 'infra/ci:latest', severity: 'error' })
    expect(fault?.evidence?.join()).not.toContain('was not read')
    expect(fault?.advice).not.toContain('loses nothing')
    expect(fault?.commands).toBeUndefined()
    expect(faults({})).toMatchObject([{ severity: 'warning', cause: 'possible' }])
    expect(faults({})[0]?.commands).toEqual([])
  })

  test('an image that would lose data breaks unless what was not read needs it', () => {
    const made = madeIndex()
    const other = made.image('other')
    made.repository('team/app', [other], { latest: other })
    Object.assign(made.inventory.repositories[1] ?? {}, { hasLayers: false })
    const [fault] = faultsOfForecast(unseen, made, { ...collections.plain, version: '2.8' })
    expect(fault).toMatchObject({ subject: 'team/app', severity: 'error' })
    const unread = createUnreadList(made.inventory.digests)
    unread.add({ path: 'repositories/busy', half: 'repositories', kind: 'permission', why: 'denied' })
    made.inventory.unread = unread.parts
    const [partial] = faultsOfForecast(unseen, made, { ...collections.plain, version: '2.8' }, unread.fact())
    expect(partial).toMatchObject({ subject: 'team/app', severity: 'warning' })
    expect(partial?.evidence).toContain(
      'unless a part of the storage that was not read needs the same data (storage-not-readable)',
    )
  })

  test('nothing is said of the repository itself, nor of an image whose data was not read', () => {
    for (const path of [
      'repositories/infra/ci/_manifests/tags/latest',
      'repositories/infra',
      'blobs/sha256',
    ]) {
      const made = madeIndex()
      const unread = createUnreadList(made.inventory.digests)
      const half = path.startsWith('blobs') ? 'blobs' : 'repositories'
      unread.add({ path, half, kind: 'permission', why: 'denied' })
      made.inventory.unread = unread.parts
      expect(faultsOfForecast(check, made, collections.old, unread.fact())).toEqual([])
    }
  })
})

import { expect, test } from 'vitest'
import empties from '../../../src/checks/storage/gc-empties-repository.ts'
import misses from '../../../src/checks/storage/gc-misses-repository.ts'
import check from '../../../src/checks/storage/storage-tags-lost.ts'
import { explain } from '../../../src/explain/causes.ts'
import type { StoredRepository } from '../../../src/facts/storage/inventory.ts'
import {
  collections,
  faultsOfForecast,
  judgedAt,
  makeInventory,
} from '../../support/storage/forecast-inventory.ts'

/** A repository without a folder of tags; forecast inventories are judged long after they were written. */
function withoutTags(change: (repository: StoredRepository) => void = () => {}) {
  const made = makeInventory()
  const index = made.index('index', [made.image('amd64'), made.image('arm64')])
  const images = [index, made.image('amd64'), made.image('arm64'), made.image('single')]
  const repository = made.repository('team/app', images)
  repository.hasTags = false
  change(repository)
  return made
}

test('a repository with images and no folder of tags has lost them, with the newest images to tag again', () => {
  expect(faultsOfForecast(check, withoutTags())).toMatchObject([
    {
      ...{ subject: 'team/app', severity: 'warning', explains: ['team/app'] },
      message:
        '2 images, and no folder /var/lib/registry/docker/registry/v2/repositories/team/app/_manifests/tags',
      evidence: [expect.stringMatching(/^pushed 1970-01-01: sha256:/), expect.stringMatching(/^pushed/)],
      commands: [expect.stringMatching(/^crane tag reg\.example\.com\/team\/app@sha256:\w{64} TAG$/)],
    },
  ])
})

test.each([
  ['an empty folder of tags', (one: StoredRepository) => Object.assign(one, { hasTags: true })],
  ['an upload that goes on', (one: StoredRepository) => one.uploads.push({ id: 'u', startedAt: 0, size: 1 })],
  ['no manifests', (one: StoredRepository) => Object.assign(one, { revisions: [] })],
  [
    'an empty folder of tags and no others',
    (one: StoredRepository) => Object.assign(one, { hasTags: true, revisions: [] }),
  ],
])('a repository with %s has not', (_, change) => {
  expect(faultsOfForecast(check, withoutTags(change))).toEqual([])
})

/** As after `rm -r _manifests`. */
const loseManifests = (repository: StoredRepository) =>
  Object.assign(repository, {
    ...{ hasManifests: false, hasRevisions: false, hasTags: false },
    ...{ revisions: [], tags: [] },
  })

test.each([['2.8'], ['3']] as const)(
  'a repository with layers and no folder _manifests has lost them, for registry %s',
  (version) => {
    const made = withoutTags(loseManifests)
    const known = { ...collections.plain, version }
    expect(faultsOfForecast(check, made, known)).toMatchObject([
      {
        ...{ subject: 'team/app', severity: 'warning' },
        message:
          '6 layers and configurations, and no folder /var/lib/registry/docker/registry/v2/repositories/team/app/_manifests/revisions',
        evidence: ['the newest is from 1970-01-01'],
        because: expect.stringContaining('also without --delete-untagged'),
      },
    ])
    expect(faultsOfForecast(misses, made, known)).toEqual([])
  },
)

test('so has one whose folder _manifests is empty, but not one whose manifests were deleted', () => {
  const emptied = withoutTags((one) => Object.assign(loseManifests(one), { hasManifests: true }))
  expect(faultsOfForecast(check, emptied)).toHaveLength(1)
  const deleted = withoutTags((one) =>
    Object.assign(loseManifests(one), { hasManifests: true, hasRevisions: true, hasTags: true }),
  )
  expect(faultsOfForecast(check, deleted)).toEqual([])
})

test.each([
  ['an upload that goes on', (one: StoredRepository) => one.uploads.push({ id: 'u', startedAt: 0, size: 1 })],
  ['no layers', (one: StoredRepository) => Object.assign(one.layers, { equal: new Int32Array(0) })],
])('a repository without manifests and with %s has not', (_, change) => {
  const made = withoutTags((one) => {
    loseManifests(one)
    change(one)
  })
  expect(faultsOfForecast(check, made)).toEqual([])
})

test.each([
  ['links of manifests', { links: () => true }],
  ['tags', { tag: () => true }],
])('nothing is lost where %s could not be read', (_, hidden) => {
  for (const made of [withoutTags(), withoutTags(loseManifests)]) {
    const unread = { ...made.inventory.unread, ...hidden }
    expect(faultsOfForecast(check, { ...made, inventory: { ...made.inventory, unread } })).toEqual([])
  }
})

test('a push of the last hour, a bucket and a pull-through cache have not', () => {
  const makers = [() => withoutTags(), () => withoutTags(loseManifests)]
  for (const make of makers) {
    const fresh = make()
    const { blobs } = fresh.inventory
    const recent = { ...blobs, modifiedAt: () => judgedAt - 60_000 }
    for (const change of [{ blobs: recent }, { driver: 's3' as const }, { isCache: true }]) {
      const made = make()
      expect(faultsOfForecast(check, { ...made, inventory: { ...made.inventory, ...change } })).toEqual([])
    }
  }
})

test('what the next collection empties stays an error of its own where it is known to be run', () => {
  const made = withoutTags()
  const results = [check, empties].map(({ id, title, group }) => ({
    ...{ id, title, group, status: 'fail' as const, remedies: [] },
    findings: faultsOfForecast(id === check.id ? check : empties, made, collections.recent).map((fault) => ({
      ...{ id, group, evidence: [], advice: '', cause: '', title: '' },
      ...fault,
    })),
  }))
  expect(explain(results, [check, empties]).map(({ id, severity }) => [id, severity])).toEqual([
    ['gc-empties-repository', 'error'],
    ['storage-tags-lost', 'warning'],
  ])
})

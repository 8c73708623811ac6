import { expect, test } from 'vitest'
import { createBlobTable } from '../../../../src/facts/queries/storage/blob-table.ts'
import { isFresh, missingHalves } from '../../../../src/facts/queries/storage/fresh.ts'
import { makeInventory } from '../../../support/storage/forecast-inventory.ts'

test('no repository beside blobs is half a storage, whether its folder exists or not', () => {
  const { inventory, blob } = makeInventory()
  blob('layer')
  expect(missingHalves(inventory, [])).toEqual(['repositories'])
  expect(missingHalves(inventory, ['repositories'])).toEqual(['repositories'])
  inventory.hasRepositories = false
  expect(isFresh(inventory)).toBe(false)
})

test('a new registry lacks nothing, with empty folders and without them', () => {
  const { inventory } = makeInventory()
  expect(missingHalves(inventory, [])).toEqual([])
  expect(missingHalves(inventory, ['blobs', 'repositories'])).toEqual([])
})

test('blobs beside a repository are whole, and what was not read is not missing', () => {
  const whole = makeInventory()
  whole.repository('app', [])
  whole.blob('layer')
  expect(missingHalves(whole.inventory, [])).toEqual([])
  const hidden = makeInventory()
  hidden.blob('layer')
  const unread = { ...hidden.inventory.unread, repositories: () => true }
  expect(missingHalves({ ...hidden.inventory, unread }, [])).toEqual([])
})

/** Links and a tag, and the data of none of it. */
function withoutData() {
  const made = makeInventory()
  const image = made.image('image')
  const repository = made.repository('app', [image], { latest: image })
  const blobs = createBlobTable()
  return { inventory: { ...made.inventory, blobs, manifests: new Map() }, repository }
}

test('linked manifests beside an empty folder of blobs are half a storage', () => {
  const { inventory, repository } = withoutData()
  expect(missingHalves(inventory, [])).toEqual(['blobs'])
  expect(missingHalves(inventory, ['blobs'])).toEqual(['blobs'])
  repository.tags = []
  expect(missingHalves(inventory, [])).toEqual(['blobs'])
  inventory.blobs.add(0, 100, 0)
  expect(missingHalves(inventory, [])).toEqual([])
})

test('links of layers that a collection left behind, data that was not read or is misplaced, and a cache are not', () => {
  const { inventory, repository } = withoutData()
  const unread = { ...inventory.unread, data: () => true }
  const strays = [{ path: 'blobs/x/data', kind: 'misplaced' as const, digest: 0 }]
  for (const change of [{ unread }, { strays }, { isCache: true }])
    expect(missingHalves({ ...inventory, ...change }, [])).toEqual([])
  Object.assign(repository, { revisions: [], tags: [] })
  expect(missingHalves(inventory, [])).toEqual([])
})

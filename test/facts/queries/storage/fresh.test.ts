import { expect, test } from 'vitest'
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

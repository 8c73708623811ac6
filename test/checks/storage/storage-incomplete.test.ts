import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-incomplete.ts'
import { faultsOfStorage, layoutIn, unseenStorage } from '../../support/storage/storage-facts.ts'

test.each([
  ['blobs', 'the folder with all layers and manifests does not exist or is empty, beside 3 tags'],
  ['repositories', 'the folder with all tags and links does not exist or is empty, beside 27 blobs'],
] as const)('without %s', (half, message) => {
  const faults = faultsOfStorage(check, (storage) => {
    layoutIn(storage).lacks = [half]
  })
  expect(faults).toMatchObject([
    { subject: `/var/lib/registry/docker/registry/v2/${half}`, severity: 'error', message, absent: true },
  ])
})

test('the path is right where the root is the layout itself', () => {
  const faults = faultsOfStorage(check, (storage) => {
    storage.root = '/data/docker/registry/v2/'
    Object.assign(layoutIn(storage), { base: '', lacks: ['blobs'] })
  })
  expect(faults[0]?.subject).toBe('/data/docker/registry/v2/blobs')
})

test('a whole storage, and one that could not be inspected, have no finding', () => {
  expect(faultsOfStorage(check)).toEqual([])
  expect(faultsOfStorage(check, unseenStorage('it is empty'))).toEqual([])
})

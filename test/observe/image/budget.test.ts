import { expect, test } from 'vitest'
import { listBlobs } from '../../../src/observe/image/blob-list.ts'
import { chooseWholeReads } from '../../../src/observe/image/budget.ts'
import { descriptorOf, healthyFacts, repositoryIn } from '../../support/facts.ts'

/** Blobs of these sizes, by name, in this order. */
function blobs(...sizes: number[]) {
  const [blob] = listBlobs(repositoryIn(healthyFacts()).manifests, 'registry.test')
  if (!blob) throw new Error('the healthy image has no blob')
  return sizes.map((size, at) => {
    const descriptor = { ...descriptorOf(`blob ${at}`), size }
    return { ...blob, fact: { ...blob.fact, digest: `blob ${at}`, descriptor } }
  })
}
const none = 0
const smallBlobBytes = 8 * 1024 * 1024

test('a blob of up to 8 MiB is read without a budget, and takes none of it', () => {
  const budget = { leftBytes: none }
  expect([...chooseWholeReads(blobs(0, 1000, smallBlobBytes), budget)]).toEqual([
    'blob 0',
    'blob 1',
    'blob 2',
  ])
  expect(budget.leftBytes).toBe(none)
})

test('a blob of one byte more is read only if the budget lasts, and is deducted from it', () => {
  expect([...chooseWholeReads(blobs(smallBlobBytes + 1), { leftBytes: smallBlobBytes })]).toEqual([])
  const budget = { leftBytes: smallBlobBytes + 3 }
  expect([...chooseWholeReads(blobs(smallBlobBytes + 1), budget)]).toEqual(['blob 0'])
  expect(budget.leftBytes).toBe(2)
})

test('of large blobs the first ones are read whose sum the budget covers, to the last byte', () => {
  const size = smallBlobBytes + 1
  const budget = { leftBytes: 2 * size }
  expect([...chooseWholeReads(blobs(10, size, size, size), budget)]).toEqual(['blob 0', 'blob 1', 'blob 2'])
  expect(budget.leftBytes).toBe(0)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeInOrder } from '../../src/explain/merge-in-order.ts'

test('a step of another list comes before what waits for it', () => {
  expect(
    mergeInOrder([
      ['move a', 'restart', 'put a'],
      ['move b', 'restart', 'put b'],
    ]),
  ).toEqual(['move a', 'move b', 'restart', 'put a', 'put b'])
})

test('what a list has twice stays twice', () => {
  expect(
    mergeInOrder([
      ['put a', 'restart'],
      ['restart', 'put b', 'restart'],
    ]),
  ).toEqual(['put a', 'restart', 'put b', 'restart'])
})

test('lists that contradict each other lose nothing', () => {
  expect(mergeInOrder([['a', 'b'], ['b', 'a'], ['c']]).toSorted()).toEqual(['a', 'b', 'c'])
})

test('parts of one plan are merged to a list that has the order of each of them', () => {
  const plan = Array.from({ length: 12 }, (_, at) => `step ${at}`)
  fc.assert(
    fc.property(fc.array(fc.subarray(plan), { maxLength: 6 }), (lists) => {
      const merged = mergeInOrder(lists)
      expect(merged.toSorted()).toEqual([...new Set(lists.flat())].toSorted())
      for (const list of lists) expect(merged.filter((one) => list.includes(one))).toEqual(list)
    }),
  )
})

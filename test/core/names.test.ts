import { expect, test } from 'vitest'
import { firstOf } from '../../src/core/names.ts'
import { compareNaturally } from '../../src/core/natural-order.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

test.each([
  [0, ''],
  [1, 'a'],
  [5, 'a, b, c, d, e'],
  // One name takes no more room than “and 1 more”.
  [6, 'a, b, c, d and 2 more'],
  [7, 'a, b, c, d and 3 more'],
])('of %i names: %s', (length, text) => {
  expect(firstOf(names.slice(0, length))).toBe(text)
})

test('names that were not listed are counted', () => {
  expect(firstOf(['a', 'b'], 12)).toBe('a, b and 10 more')
})

test('versions are sorted as numbers', () => {
  expect(['v1.10', 'latest', 'v1.9', 'v1', '10', '9'].toSorted(compareNaturally)).toEqual([
    ...['9', '10', 'latest', 'v1', 'v1.9', 'v1.10'],
  ])
})

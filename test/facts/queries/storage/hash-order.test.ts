import { expect, test } from 'vitest'
import { hashOrder } from '../../../../src/facts/queries/storage/hash-order.ts'

test('holes first, then what was never hashed by its age, then what was hashed longest ago', () => {
  const modified = [50, 10, 30, 1, 2, 90]
  const hashed = [undefined, undefined, undefined, 2000, 1000, undefined]
  const order = hashOrder({
    digests: [0, 1, 2, 3, 4, 5],
    isSparse: (digest) => digest === 5 || digest === 4,
    hashedAt: (digest) => hashed[digest],
    modifiedAt: (digest) => modified[digest],
  })
  expect([...order]).toEqual([5, 1, 2, 0, 4, 3])
})

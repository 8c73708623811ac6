import { expect, test } from 'vitest'
import { corpus, sample } from './shapes/corpus.ts'
import { reported } from './shapes/reported.ts'
import { shapeOf } from './shapes/shape.ts'

const ids = (seed: number) => corpus(seed).map(({ id }) => id)

test('the corpus has at least 500 shapes, each once, and every one can be built', () => {
  expect(ids(1).length).toBeGreaterThanOrEqual(500)
  expect(new Set(ids(1)).size).toBe(ids(1).length)
  for (const { id, build } of corpus(1)) expect(build('salt').contents.length, id).toBeGreaterThan(0)
})

test('a seed gives the same shapes with the same bytes, and another seed gives others', () => {
  expect(ids(1)).toEqual(ids(1))
  expect(ids(1)).not.toEqual(ids(2))
  const digests = () => sample(1, 20).map(({ build }) => build('salt').manifest.digest)
  expect(digests()).toEqual(digests())
})

test('a sample has each shape once, all of them from the corpus', () => {
  const sampled = sample(7, 40).map(({ id }) => id)
  expect(new Set(sampled).size).toBe(40)
  expect(ids(7)).toEqual(expect.arrayContaining(sampled))
})

test('shapes share no content, but for some that is only a few bytes', () => {
  const owners = new Map<string, string>()
  for (const { id, build } of corpus(1)) {
    for (const { digest, bytes } of build(`salt/${id}`).contents) {
      if (bytes.length > 32) expect(owners.get(digest) ?? id, id).toBe(id)
      owners.set(digest, id)
    }
  }
})

test('every reported shape can be built', () => {
  for (const shape of Object.values(reported).flat().map(shapeOf))
    expect(shape.build('salt').contents.length, shape.id).toBeGreaterThan(0)
})

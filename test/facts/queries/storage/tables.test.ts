import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createBlobTable } from '../../../../src/facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../../../src/facts/queries/storage/digest-table.ts'

const digestOf = (at: number) => `sha256:${createHash('sha256').update(String(at)).digest('hex')}`

describe('digests as numbers', () => {
  test('70,000 digests, over several pieces of memory, are each found and given back', () => {
    const table = createDigestTable()
    const many = Array.from({ length: 70_000 }, (_, at) => digestOf(at))
    expect(many.map((digest) => table.add(digest))).toEqual(many.map((_, at) => at))
    expect(table.size()).toBe(many.length)
    expect(many.every((digest, at) => table.find(digest) === at && table.text(at) === digest)).toBe(true)
    expect(many.every((digest, at) => table.add(digest) === at)).toBe(true)
    expect(table.find(digestOf(70_000))).toBeUndefined()
  })

  test('are compared as their texts are', () => {
    const table = createDigestTable()
    const texts = ['sha256:', 'sha512:'].flatMap((algorithm) =>
      ['01', '10', 'a0', '0f', 'ff'].map(
        (start) => algorithm + start.padEnd(algorithm === 'sha256:' ? 64 : 128, '7'),
      ),
    )
    const numbers = texts.map((text) => table.add(text))
    expect(numbers.toSorted(table.compare).map(table.text)).toEqual(texts.toSorted())
    expect(numbers.map((number) => table.compare(number, number))).toEqual(texts.map(() => 0))
  })

  test('digests of other algorithms are kept as text', () => {
    const table = createDigestTable()
    const long = `sha512:${'a'.repeat(128)}`
    expect([table.add(digestOf(1)), table.add(long), table.add(digestOf(2)), table.add(long)]).toEqual([
      0, 1, 2, 1,
    ])
    expect([table.text(0), table.text(1), table.text(2)]).toEqual([digestOf(1), long, digestOf(2)])
  })
})

describe('data files by digest', () => {
  test('are given in the order in which they were added, each once', () => {
    const table = createBlobTable()
    for (const digest of [5, 100_000, 3]) table.add(digest, digest, 7)
    table.add(5, 0, 8)
    expect([...table.all()]).toEqual([5, 100_000, 3])
    expect([table.count(), table.size(5), table.modifiedAt(5), table.size(4)]).toEqual([3, 0, 8, undefined])
  })

  test('one that is removed is gone, and may come back', () => {
    const table = createBlobTable()
    table.add(1, 10, 0)
    table.add(2, 20, 0)
    table.remove(1)
    table.remove(1)
    expect([table.count(), table.size(1), table.modifiedAt(1), [...table.all()]]).toEqual([
      1,
      undefined,
      undefined,
      [2],
    ])
    table.add(1, 11, 0)
    expect([table.count(), table.size(1), [...table.all()]]).toEqual([2, 11, [1, 2]])
  })
})

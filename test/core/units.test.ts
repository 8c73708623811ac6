import { expect, test } from 'vitest'
import { bytesText, count, durationText } from '../../src/core/units.ts'

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [99.94 * 1024, '99.9 KiB'],
  [100 * 1024, '100 KiB'],
  [34.2 * 1024 ** 2, '34.2 MiB'],
  [1024 ** 3, '1.0 GiB'],
  [2.5 * 1024 ** 4, '2.5 TiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test.each([
  [0, '0 ms'],
  [1.4, '1 ms'],
  [99, '99 ms'],
  [400, '0.4 s'],
  [1000, '1 s'],
  [12_340, '12.3 s'],
  [60_000, '1 min'],
  [125_000, '2 min 5 s'],
  [600_000, '10 min'],
  [5_400_000, '90 min'],
])('%d milliseconds are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('count uses singular and plural', () => {
  expect([0, 1, 2].map((n) => count(n, 'object'))).toEqual(['0 objects', '1 object', '2 objects'])
  expect([1, 3].map((n) => count(n, 'entry', 'entries'))).toEqual(['1 entry', '3 entries'])
})

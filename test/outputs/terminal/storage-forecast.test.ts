import { expect, test } from 'vitest'
import { forecastLines } from '../../../src/outputs/terminal/storage-forecast.ts'

type Storage = Parameters<typeof forecastLines>[0]

type Run = NonNullable<Storage['forecast']>[number]

const run: Run = {
  version: '2.8',
  deleteUntagged: false,
  likelihood: 'expected',
  ...{ aborts: 0, breaks: 0, losesRepair: 0, emptied: 0, referrers: 0, revisions: 0, layerLinks: 0 },
  ...{ blobs: 2, bytes: 2048, byRepository: [] },
}
const linesOf = (unread: number, partial?: true, aborts = 0) =>
  forecastLines({
    ...{ root: '/var/lib/registry', driver: 'filesystem', state: 'inspected' },
    forecast: [{ ...run, aborts, ...(partial ? { partial } : {}) }],
    unread: { count: unread, places: [] },
  } satisfies Storage).map((line) => line.trim())

const frees = 'next garbage-collect: frees 2.0 KiB in 2 blobs'

test('the forecast of a whole storage says what is freed', () => {
  expect(linesOf(0)).toEqual([frees])
})

test('that of a storage which was read in part says so, and not what is freed', () => {
  expect(linesOf(1, true)).toEqual([
    'the forecast covers what was read; the rest may lose more, and may need what is lost here',
  ])
  expect(linesOf(1, true, 2).at(-1)).toBe('next garbage-collect: stops at 2 places')
})

test('an earlier version did not tell what holds of a part, so nothing is said', () => {
  expect(linesOf(1)).toEqual(['no forecast of the next garbage-collect: a part of the storage was not read'])
})

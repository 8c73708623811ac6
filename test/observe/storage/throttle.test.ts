import { afterEach, expect, test, vi } from 'vitest'
import { createThrottle } from '../../../src/observe/storage/hashing/hash-file.ts'
import { paperClock } from '../../support/paper-clock.ts'

vi.mock('node:timers/promises', async (real) =>
  (await import('../../support/paper-clock.ts')).paperTimers(real),
)
afterEach(() => paperClock.reset())

const { signal } = new AbortController()

test('so many bytes take as long as the rate says', async () => {
  const startedAt = paperClock.now()
  const { after } = createThrottle(1_000_000, paperClock.now, signal)
  for (let part = 0; part < 10; part += 1) await after(500_000)
  expect(paperClock.now() - startedAt).toBe(5000)
})

test('after a pause no more than one second is caught up', async () => {
  let now = 0
  const { after } = createThrottle(
    1000,
    () => now + paperClock.waits.reduce((sum, ms) => sum + ms, 0),
    signal,
  )
  now = 60_000
  await after(500)
  expect(paperClock.waits).toEqual([])
  await after(1500)
  expect(paperClock.waits).toEqual([1000])
})

test('without a rate nothing waits', async () => {
  await createThrottle(undefined, paperClock.now, signal).after(1e12)
  expect(paperClock.waits).toEqual([])
})

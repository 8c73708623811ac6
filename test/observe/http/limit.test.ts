import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLimit } from '../../../src/observe/http/limit.ts'

describe('a concurrency limit', () => {
  test('runs at most its number of tasks at once, in the order they were submitted', async () => {
    const tasks = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), tasks, async (max, waits) => {
        const limit = createLimit(max)
        const begun: number[] = []
        let [running, peak] = [0, 0]
        const results = waits.map((ms, at) =>
          limit(async () => {
            begun.push(at)
            running += 1
            peak = Math.max(peak, running)
            await sleep(ms)
            running -= 1
            return at
          }),
        )
        expect(await Promise.all(results)).toEqual(waits.map((_, at) => at))
        expect(begun).toEqual(waits.map((_, at) => at))
        expect(peak).toBe(Math.min(max, waits.length))
      }),
      { numRuns: 25 },
    )
  })

  test('runs the next task after one that fails', async () => {
    const limit = createLimit(1)
    const failed = limit(() => Promise.reject(new Error('no')))
    const next = limit(async () => 'next')
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe('next')
  })

  test('runs its full number of tasks again after a burst', async () => {
    const limit = createLimit(2)
    await Promise.all([1, 2, 3, 4, 5].map((at) => limit(async () => at)))
    let running = 0
    const measure = () =>
      limit(async () => {
        running += 1
        await sleep(20)
        return running
      })
    expect(await Promise.all([measure(), measure()])).toEqual([2, 2])
  })
})

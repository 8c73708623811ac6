import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAdaptiveLimit, createLimit, inTurn } from '../../../src/observe/http/limit.ts'

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

describe('room in a limit', () => {
  const settled = async (promise: Promise<void>) => {
    let isSettled = false
    void promise.then(() => {
      isSettled = true
    })
    await new Promise(setImmediate)
    return isSettled
  }
  /** A task that runs until it is told to end. */
  const task = (limit: ReturnType<typeof createAdaptiveLimit>) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ended = limit.run(() => promise)
    return async () => {
      resolve()
      await ended
    }
  }

  test('is there while fewer tasks run than may, and comes in the order it was asked for, last for those that are last', async () => {
    const limit = createAdaptiveLimit(1)
    await limit.room()
    const end = task(limit)
    const got: string[] = []
    const ask = async (name: string, isLast: boolean) => {
      await limit.room(isLast)
      got.push(name)
      await limit.run(async () => {})
    }
    const all = Promise.all([
      ask('last 1', true),
      ask('first 1', false),
      ask('first 2', false),
      ask('last 2', true),
    ])
    expect(await settled(limit.room())).toBe(false)
    await end()
    await all
    expect(got).toEqual(['first 1', 'first 2', 'last 1', 'last 2'])
  })

  test('is passed on by whoever has nothing to begin', async () => {
    const limit = createAdaptiveLimit(1)
    const end = task(limit)
    const waits = [limit.room(), limit.room(true), limit.room(), limit.room(true)]
    await end()
    await Promise.all(waits)
  })

  test('is not there during a pause, nor while a task waits', async () => {
    const limit = createAdaptiveLimit(2)
    const resume = limit.pause()
    const room = limit.room()
    const end = task(limit)
    expect(await settled(room)).toBe(false)
    resume()
    await room
    await end()
  })

  test('keeps no more tasks waiting than begin at once, however many items there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 }),
        async (max, turns) => {
          const limit = createAdaptiveLimit(max)
          let [begun, most] = [0, 0]
          const results = await inTurn(limit.room, turns.entries(), async ([at, turn]) => {
            begun += 1
            most = Math.max(most, begun)
            for (let one = 0; one < turn; one += 1) await limit.run(() => new Promise(setImmediate))
            begun -= 1
            return at
          })
          expect(results).toEqual([...turns.keys()])
          expect(most).toBeLessThanOrEqual(2 * max + 2)
        },
      ),
    )
  })

  test('fails where a task does, once all were begun', async () => {
    const limit = createAdaptiveLimit(1)
    const begun: number[] = []
    const all = inTurn(limit.room, [1, 2, 3], async (at) => {
      begun.push(at)
      if (at === 1) throw new Error('no')
    })
    await expect(all).rejects.toThrow('no')
    expect(begun).toEqual([1, 2, 3])
  })
})

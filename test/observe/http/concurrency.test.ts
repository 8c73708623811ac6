import { describe, expect, test } from 'vitest'
import { concurrencyOf } from '../../../src/observe/http/concurrency.ts'
import { createFirstConnections } from '../../../src/observe/http/first-connections.ts'
import { createAdaptiveLimit } from '../../../src/observe/http/limit.ts'

describe('the most concurrent requests', () => {
  test('are more where all share one connection, unless a setting says how many', () => {
    expect(concurrencyOf(undefined)).toEqual({ http1: 16, http2: 64 })
    expect(concurrencyOf(4)).toEqual({ http1: 4, http2: 4 })
  })
})

/** Starts `count` tasks that end on demand, and tells how many run. */
function tasksOf(limit: ReturnType<typeof createAdaptiveLimit>, count: number) {
  const running = new Set<{ end: () => void; halved: number }>()
  for (let at = 0; at < count; at += 1)
    void limit.run(
      (halved) =>
        new Promise<void>((done) => {
          const task = { halved, end: done }
          running.add(task)
          task.end = () => {
            running.delete(task)
            done()
          }
        }),
    )
  return running
}

const settled = () => new Promise((done) => setImmediate(done))

describe('a limit that adapts', () => {
  test('grows by one for each answer up to what it is raised to, until there is an overload', async () => {
    const limit = createAdaptiveLimit(2)
    const running = tasksOf(limit, 40)
    await settled()
    expect(running.size).toBe(2)
    limit.raise(8)
    for (const expected of [4, 8, 8]) {
      for (const task of [...running]) {
        limit.onSuccess()
        task.end()
      }
      await settled()
      expect(running.size).toBe(expected)
    }
  })

  test('is halved once by all refusals of one burst, and again by one of the next', async () => {
    const limit = createAdaptiveLimit(8)
    const running = tasksOf(limit, 40)
    await settled()
    const halved = [...running].map((task) => {
      const isFirst = limit.onOverload(task.halved)
      task.end()
      return isFirst
    })
    expect(halved).toEqual([true, ...Array(7).fill(false)])
    await settled()
    expect(running.size).toBe(4)
    const [first] = running
    limit.onOverload(first?.halved ?? -1)
    for (const task of [...running]) task.end()
    await settled()
    expect(running.size).toBe(2)
  })

  test('begins nothing while it is paused, and first what is repeated', async () => {
    const limit = createAdaptiveLimit(1)
    const resume = limit.pause()
    const begun: string[] = []
    const done = [
      limit.run(async () => void begun.push('new')),
      limit.run(async () => void begun.push('repeated'), true),
    ]
    await settled()
    expect(begun).toEqual([])
    resume()
    await Promise.all(done)
    expect(begun).toEqual(['repeated', 'new'])
  })
})

describe('the first connection to an origin', () => {
  test('is opened by one request, while the others wait, also for one that fails', async () => {
    const { enter } = createFirstConnections()
    const connected = await enter('https://registry.example.com')
    let passed = 0
    const others = [1, 2].map(async () => {
      await enter('https://registry.example.com')
      passed += 1
    })
    await enter('https://other.example.com')
    await settled()
    expect(passed).toBe(0)
    connected()
    await Promise.all(others)
    expect(passed).toBe(2)
  })
})

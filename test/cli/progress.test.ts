import { expect, test } from 'vitest'
import { startProgress } from '../../src/cli/progress.ts'

/** A clock that moves only in `pass`, with its timers. */
function fakeClock() {
  let time = 1_000_000
  const timers = new Set<{ ms: number; next: number; run: () => void }>()
  return {
    timers,
    now: () => time,
    every(ms: number, run: () => void) {
      const timer = { ms, next: time + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    pass(ms: number) {
      const end = time + ms
      while (time < end) {
        time += 10
        for (const timer of timers) {
          if (timer.next > time) continue
          timer.next += timer.ms
          timer.run()
        }
      }
    },
  }
}

function started(terminal: boolean) {
  const clock = fakeClock()
  const logged: string[] = []
  const written: string[] = []
  const progress = startProgress({
    ...(terminal ? { live: (text: string) => void written.push(text) } : {}),
    info: (text) => void logged.push(text),
    now: clock.now,
    every: clock.every,
  })
  return { clock, logged, written, progress }
}

test('a log shows the progress of a long run every five seconds', () => {
  const { clock, logged, written, progress } = started(false)
  progress.change({ found: 3 })
  clock.pass(4990)
  expect(logged).toEqual([])
  progress.change({ found: 9, done: 2 })
  clock.pass(10)
  progress.change({ done: 3 })
  clock.pass(5000)
  expect(logged).toEqual(['… 2 of 12 objects inspected, 5 s', '… 5 of 12 objects inspected, 10 s'])
  expect(written).toEqual([])
})

test('a log shows no progress of a short run', () => {
  const { clock, logged, progress } = started(false)
  progress.change({ found: 30, done: 30 })
  clock.pass(4000)
  progress.end()
  clock.pass(60_000)
  expect(logged).toEqual([])
})

test('a terminal has one line that is overwritten, and cleared at the end', () => {
  const { clock, logged, written, progress } = started(true)
  progress.change({ found: 1 })
  clock.pass(200)
  progress.change({ done: 1 })
  clock.pass(100)
  progress.end()
  expect(written).toEqual([
    '\r\u001b[K0 of 1 object inspected, 0.1 s',
    '\r\u001b[K0 of 1 object inspected, 0.2 s',
    '\r\u001b[K1 of 1 object inspected, 0.3 s',
    '\r\u001b[K',
  ])
  expect(logged).toEqual([])
})

test.each([true, false])('nothing is written after the end (terminal: %s)', (terminal) => {
  const { clock, logged, written, progress } = started(terminal)
  progress.change({ found: 1 })
  clock.pass(6000)
  progress.end()
  const before = [...logged, ...written].length
  progress.change({ done: 1 })
  clock.pass(60_000)
  expect([...logged, ...written]).toHaveLength(before)
  expect(clock.timers.size).toBe(0)
})

import { expect, test } from 'vitest'
import { createPace } from '../../../src/observe/storage/filesystem/pace.ts'

/** Makes calls that take so many milliseconds each, and returns which of them waited for the disk together. */
async function paced(durations: number[]): Promise<boolean[]> {
  let time = 0
  const pace = createPace(() => time)
  const waited: boolean[] = []
  for (const duration of durations)
    await pace({
      now: () => {
        time += duration
        waited.push(false)
      },
      later: async () => {
        waited.push(true)
      },
    })
  return waited
}
const fast = (count: number) => Array.from({ length: count }, () => 0.01)

test('what is in memory is read at once, also where a busy processor does other work now and then', async () => {
  const calls = [...fast(20), 30, ...fast(20), 50, ...fast(20)]
  expect(await paced(calls)).not.toContain(true)
})

test('calls wait together once a disk was slow twice, for a while', async () => {
  const waited = await paced([5, ...fast(3), 5, ...fast(300)])
  expect(waited.slice(0, 5)).not.toContain(true)
  expect(waited.slice(5, 205)).not.toContain(false)
  expect(waited.slice(205)).not.toContain(true)
})

test('a call that fails slowly counts, too', async () => {
  let time = 0
  const pace = createPace(() => time)
  const fail = {
    now: () => {
      time += 5
      throw new Error('ENOENT')
    },
    later: async () => 'waited',
  }
  await expect(pace(fail)).rejects.toThrow('ENOENT')
  await expect(pace(fail)).rejects.toThrow('ENOENT')
  expect(await pace<string>(fail)).toBe('waited')
})

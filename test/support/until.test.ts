import { expect, test } from 'vitest'
import { clearlyMoreThanLinear, growthOf } from './growth.ts'
import { until } from './until.ts'

test('a condition is asked until it holds, and what it gave is given', async () => {
  let asked = 0
  const third = () => {
    asked += 1
    return asked === 3 ? 'third' : undefined
  }
  expect(await until('the third', third, { everyMs: 1 })).toBe('third')
  expect(asked).toBe(3)
})

test('what does not come is named, also where asking never ends', async () => {
  const options = { limitMs: 50, everyMs: 1 }
  await expect(until('the end', () => false, options)).rejects.toThrow('the end: not within 0.05 s')
  await expect(until('an answer', () => new Promise(() => {}), options)).rejects.toThrow('an answer: not')
})

test('a condition that fails is waited for no longer', async () => {
  await expect(until('x', () => Promise.reject(new Error('it ended')))).rejects.toThrow('it ended')
})

test('the growth of linear work is told from that of quadratic work', async () => {
  const text = (size: number) => 'a'.repeat(size)
  expect(await growthOf((size) => /b/.test(text(size * 1000)), 300)).toBeLessThan(clearlyMoreThanLinear)
  expect(await growthOf((size) => /a*b/.test(text(size)), 1500)).toBeGreaterThan(clearlyMoreThanLinear)
})

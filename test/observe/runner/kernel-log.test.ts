import { accessSync, constants } from 'node:fs'
import { expect, test } from 'vitest'
import { readKernelLog } from '../../../src/observe/runner/kernel-log.ts'
import { suiteNeeds } from '../../support/need.ts'
import { suiteWithout } from '../../support/suite.ts'

const readable = () => {
  try {
    accessSync('/dev/kmsg', constants.R_OK)
    return true
  } catch {
    return false
  }
}
const suite = readable()
  ? suiteNeeds([])
  : suiteWithout('needs permission to read /dev/kmsg', { mustRunInCi: true })

suite('/dev/kmsg', () => {
  const numbers = (text: string) => [...text.matchAll(/^\d+,(\d+),/gm)].map(([, number]) => Number(number))

  test('is read to its end, one record per line, without waiting for more', async () => {
    const log = await readKernelLog()
    if (!log.ok) throw new Error(log.code)
    const all = numbers(log.text)
    expect(all.length).toBeGreaterThan(10)
    expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) + at))
    expect(log.text).toMatch(/\n$/)
  })

  test('beyond the limit, the last records are kept', async () => {
    const [whole, last] = [await readKernelLog(), await readKernelLog(2000)]
    if (!whole.ok || !last.ok) throw new Error('cannot be read')
    expect(last.truncated).toBe(true)
    expect(last.text.length).toBeLessThanOrEqual(2000)
    expect(numbers(last.text)[0]).toBeGreaterThan(numbers(whole.text)[0] ?? 0)
    expect(numbers(last.text).at(-1)).toBeGreaterThanOrEqual(numbers(whole.text).at(-1) ?? 0)
  })
})

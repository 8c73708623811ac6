import { describe, expect, test } from 'vitest'
import { planOf, planProblems, plugin, problemsIn, problemWith, settingsIn } from './settings.ts'

const storage = '/var/lib/registry'
const groupsOf = (given: Record<string, string>) => {
  const { checks, require } = settingsIn(plugin(given))
  return { checks, require }
}

describe('which groups a run checks', () => {
  test('without storage nothing of it', () => {
    expect(groupsOf({ repo: 'a.b/c' })).toEqual({
      checks: ['image', 'registry', 'path', 'runner'],
      require: ['image'],
    })
  })

  test('a storage alone is all that is checked, and required', () => {
    expect(groupsOf({ storage })).toEqual({ checks: ['storage'], require: ['storage'] })
    expect(groupsOf({ mode: 'scan', storage })).toEqual({ checks: ['storage'], require: ['storage'] })
  })

  test('mode: scan leaves out the images of a pasted step', () => {
    const given = { mode: 'scan', storage, repo: 'a.b/c', tags: '1' }
    expect(groupsOf(given).checks).toEqual(['storage'])
    expect(planOf(given).targets).toEqual([])
  })

  test('mode: scan is not skipped because nothing was pushed', () => {
    expect(planOf({ mode: 'scan', storage, push: 'false' }).skipReason).toBeUndefined()
  })

  test('with an image, by any name of the setting, both are checked and required', () => {
    for (const name of ['repo', 'repos', 'images'])
      expect(groupsOf({ [name]: 'a.b/c', storage })).toEqual({
        checks: ['image', 'registry', 'path', 'runner', 'storage'],
        require: ['image', 'storage'],
      })
  })

  test('with endpoints, the path is checked as well', () => {
    const given = { endpoints: 'https://a.b/v2/', storage }
    expect(groupsOf(given).checks).toEqual(['path', 'storage'])
    expect(planProblems(given)).toEqual([])
  })

  test('checks that leave it out are respected', () => {
    expect(groupsOf({ repo: 'a.b/c', storage, checks: 'image' })).toEqual({
      checks: ['image'],
      require: ['image'],
    })
  })

  test('what is required is required in addition', () => {
    expect(groupsOf({ storage, repo: 'a.b/c', require: 'registry' }).require).toEqual(['registry', 'storage'])
  })
})

test('a scan may take a day, unless a timeout is set', () => {
  expect(settingsIn(plugin({ mode: 'scan', storage })).timeout).toBe(24 * 3_600_000)
  expect(settingsIn(plugin({ mode: 'scan', storage, timeout: '5m' })).timeout).toBe(300_000)
  expect(settingsIn(plugin({ repo: 'a.b/c', storage })).timeout).toBe(600_000)
})

describe('mistakes', () => {
  test.each([
    [{ mode: 'scan' }, 'storage', 'must name the storage'],
    [{ checks: 'storage' }, 'storage', 'must name the storage'],
    [{ mode: 'scan', storage, checks: 'image,storage' }, 'checks', 'must be left out with mode: scan'],
    [{ storage, hash: 'true', hash_budget: '1GB' }, 'hash_budget', 'needs state_dir'],
    [{ storage, hash_rate: '1MB' }, 'hash_rate', 'is not used without hash'],
    [{ storage, state_dir: '/x' }, 'state_dir', 'is not used without hash'],
    [{ mode: 'observe', storage }, 'mode', 'must be one of verify, scan, watch'],
  ])('%j', (given, setting, message) => {
    const problems = problemsIn(plugin(given))
    expect(problems.map((problem) => [problem.setting, problem.message])).toEqual([
      [setting, expect.stringContaining(message)],
    ])
  })
})

describe('an amount of hashing', () => {
  const budgetOf = (text: string) =>
    settingsIn(plugin({ storage, hash: 'true', state_dir: '/x', hash_budget: text })).hash_budget

  test.each([
    ['200GB', { bytes: 200e9 }],
    ['1 MiB', { bytes: 1_048_576 }],
    ['30m', { ms: 1_800_000 }],
    ['2h', { ms: 7_200_000 }],
    ['1.5h', { ms: 5_400_000 }],
  ])('%s', (text, budget) => {
    expect(budgetOf(text)).toEqual(budget)
  })

  test.each(['200', '200G', '0GB', '0s', 'much', '-1h'])('%s is no amount', (text) => {
    expect(problemWith('hash_budget', text)).toBe('must be a size like 200GB, or a time like 30m or 2h')
  })

  test.each([
    ['50MB', 50e6],
    ['50MB/s', 50e6],
    ['1048576', 1_048_576],
  ])('%s a second', (text, rate) => {
    expect(settingsIn(plugin({ storage, hash: 'true', hash_rate: text })).hash_rate).toBe(rate)
  })

  test.each(['fast', '0', '50MB/h'])('%s is no rate', (text) => {
    expect(problemWith('hash_rate', text)).toBe('must be an amount of data in a second, like 50MB')
  })
})

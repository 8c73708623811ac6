import { describe, expect, test } from 'vitest'
import { problemWith, setTo, settingsIn } from './settings.ts'

describe('a boolean', () => {
  test.each(['true', 'True', 'TRUE', '1', 'yes', 'on', 'y', 'enabled'])('%s is true', (word) => {
    expect(setTo('insecure', word)).toBe(true)
  })

  test.each(['false', 'False', '0', 'no', 'off', 'n', 'disabled'])('%s is false', (word) => {
    expect(setTo('insecure', word)).toBe(false)
  })

  test.each(['maybe', '2', 'tru', 'null', '-'])('%s is invalid', (word) => {
    expect(problemWith('insecure', word)).toBe('must be true or false')
  })
})

describe('mirror, which is an address in buildx', () => {
  test.each([
    'https://mirror.gcr.io',
    'http://10.0.0.1:5000',
    'mirror.example.com',
    'mirror:5000',
    'https://a.example.com,https://b.example.com',
  ])('`mirror: %s` counts as unset', (address) => {
    expect(setTo('mirror', address)).toBe(false)
  })

  test('is a boolean otherwise', () => {
    expect(setTo('mirror', 'true')).toBe(true)
    expect(setTo('mirror', 'off')).toBe(false)
    expect(problemWith('mirror', 'maybe')).toBe('must be true or false')
  })
})

describe('a duration', () => {
  test.each([
    ['30s', 30_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1500ms', 1500],
    ['90', 90_000],
    ['1.5h', 5_400_000],
    ['2.5', 2500],
    [' 30 s ', 30_000],
  ])('%j is %d ms', (written, ms) => {
    expect(setTo('timeout', written)).toBe(ms)
  })

  test.each(['soon', '-5s', '1d', '1m30s', '1e3', '0x10', 's', '1.s', '1 h m'])(
    '%j is invalid',
    (written) => {
      expect(problemWith('timeout', written)).toBe('must be a duration like 30s, 2m or 1h, at least 1 s')
    },
  )

  test('has a minimum if zero makes no sense', () => {
    expect(problemWith('timeout', '999ms')).toContain('at least 1 s')
    expect(setTo('timeout', '1s')).toBe(1000)
    expect(setTo('settle', '0')).toBe(0)
    expect(setTo('runner_window', '0')).toBe(0)
  })

  test('longer than a timer can wait is invalid and does not fire at once', () => {
    expect(problemWith('timeout', '1000h')).toBeDefined()
    expect(problemWith('timeout', '9'.repeat(400))).toBeDefined()
  })
})

describe('a size', () => {
  test.each([
    ['1048576', 1_048_576],
    ['0', 0],
    ['8MiB', 8 * 1024 ** 2],
    ['8mib', 8 * 1024 ** 2],
    ['500 MB', 500_000_000],
    ['1GB', 1_000_000_000],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['64k', 65_536],
    ['64kb', 64_000],
    ['10B', 10],
    ['0.5KiB', 512],
    ['1k', 1024],
    ['1KiB', 1024],
    ['1m', 1024 ** 2],
    ['1g', 1024 ** 3],
  ])('%j is %d bytes', (written, bytes) => {
    expect(setTo('probe_budget', written)).toBe(bytes)
  })

  test.each(['much', '-1', '1 elephant', '1,5MB', 'MiB', '1constructor', '1valueOf', '1TB MB'])(
    '%j is invalid',
    (written) => {
      expect(problemWith('probe_budget', written)).toBe(
        'must be a size like 256MiB, 1GB or a number of bytes',
      )
    },
  )
})

describe('an integer', () => {
  test.each([
    ['1', 1],
    ['64', 64],
    ['016', 16],
  ])('%s is %d', (written, number) => {
    expect(setTo('concurrency', written)).toBe(number)
  })

  test.each(['0', '65', '-1', '1.5', 'ten', '1e1', '0x10', '9'.repeat(400)])('%s is invalid', (written) => {
    expect(problemWith('concurrency', written)).toBe('must be an integer from 1 to 64')
  })
})

describe('a choice', () => {
  test('accepts its values and no others', () => {
    expect(['head', 'probe', 'full'].map((word) => setTo('depth', word))).toEqual(['head', 'probe', 'full'])
    expect(problemWith('depth', 'prob')).toBe('must be one of head, probe, full')
    expect(problemWith('fail_on', 'errors')).toBe('must be one of error, warning, never')
    expect(problemWith('log_level', 'loud')).toContain('must be one of debug, info')
  })
})

describe('a list of choices', () => {
  test.each([
    ['image', ['image']],
    ['image,path', ['image', 'path']],
    ['["registry"]', ['registry']],
  ])('%s', (written, words) => {
    expect(setTo('checks', written)).toEqual(words)
  })

  test('names each invalid item', () => {
    expect(problemWith('require', 'image,net')).toMatch(
      /^contains “net”, which is not one of image, registry, path, runner, storage, cluster, runner\.networks, .*runner\.pressure$/,
    )
  })
})

describe('a list', () => {
  test.each([
    ['1.2', ['1.2']],
    ['1.2,latest', ['1.2', 'latest']],
    [' 1.2 , latest ,', ['1.2', 'latest']],
    ['1.2\nlatest\n', ['1.2', 'latest']],
    ['1.2\r\nlatest', ['1.2', 'latest']],
    ['["1.2","latest"]', ['1.2', 'latest']],
    [' [ "1.2" , 3, true ] ', ['1.2', '3', 'true']],
    ['1.2,,latest', ['1.2', 'latest']],
    ['[1.2', ['[1.2']],
  ])('%j', (written, items) => {
    expect(setTo('tags', written)).toEqual(items)
  })
})

test('unset settings have safe defaults', () => {
  expect(settingsIn({})).toMatchObject({
    repo: [],
    tags: [],
    images: [],
    platforms: [],
    depth: 'probe',
    probe_budget: 256 * 1024 ** 2,
    referrers: false,
    mirror: false,
    checks: ['image', 'registry', 'path', 'runner'],
    require: ['image'],
    fail_on: 'error',
    settle: 0,
    timeout: 600_000,
    insecure: false,
    skip_tls_verify: false,
    dry_run: false,
    log_level: 'info',
    debug: false,
  })
})

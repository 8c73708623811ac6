import { describe, expect, test } from 'vitest'
import { complaint, setTo, settingsIn } from './settings.ts'

describe('a switch', () => {
  test.each(['true', 'True', 'TRUE', '1', 'yes', 'on', 'y', 'enabled'])('is on for %s', (word) => {
    expect(setTo('insecure', word)).toBe(true)
  })

  test.each(['false', 'False', '0', 'no', 'off', 'n', 'disabled'])('is off for %s', (word) => {
    expect(setTo('insecure', word)).toBe(false)
  })

  test.each(['maybe', '2', 'tru', 'null', '-'])('is neither for %s', (word) => {
    expect(complaint('insecure', word)).toBe('write true or false')
  })
})

describe('the name that buildx uses for an address', () => {
  test.each([
    'https://mirror.gcr.io',
    'http://10.0.0.1:5000',
    'mirror.example.com',
    'mirror:5000',
    'https://a.example.com,https://b.example.com',
  ])('`mirror: %s` is not meant for us', (address) => {
    expect(setTo('mirror', address)).toBe(false)
  })

  test('is a switch here', () => {
    expect(setTo('mirror', 'true')).toBe(true)
    expect(setTo('mirror', 'off')).toBe(false)
    expect(complaint('mirror', 'maybe')).toBe('write true or false')
  })
})

describe('a span of time', () => {
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

  test.each(['soon', '-5s', '1d', '1m30s', '1e3', '0x10', 's', '1.s', '1 h m'])('%j is none', (written) => {
    expect(complaint('timeout', written)).toBe('must be a time like 30s, 2m or 1h, at least 1 s')
  })

  test('has a least value where too little makes no sense', () => {
    expect(complaint('timeout', '999ms')).toContain('at least 1 s')
    expect(setTo('timeout', '1s')).toBe(1000)
    expect(setTo('settle', '0')).toBe(0)
  })

  test('that no timer can wait for is a mistake, not an alarm at once', () => {
    expect(complaint('timeout', '1000h')).toBeDefined()
    expect(complaint('timeout', '9'.repeat(400))).toBeDefined()
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
  ])('%j is %d bytes', (written, bytes) => {
    expect(setTo('probe_budget', written)).toBe(bytes)
  })

  test.each(['much', '-1', '1 elephant', '1,5MB', 'MiB', '1constructor', '1valueOf', '1TB MB'])(
    '%j is none',
    (written) => {
      expect(complaint('probe_budget', written)).toBe('must be a size like 256MiB, 1GB or a number of bytes')
    },
  )
})

describe('a whole number', () => {
  test.each([
    ['1', 1],
    ['64', 64],
    ['016', 16],
  ])('%s is %d', (written, number) => {
    expect(setTo('concurrency', written)).toBe(number)
  })

  test.each(['0', '65', '-1', '1.5', 'ten', '1e1', '0x10', '9'.repeat(400)])('%s is none', (written) => {
    expect(complaint('concurrency', written)).toBe('must be a whole number from 1 to 64')
  })
})

describe('one of some words', () => {
  test('is one of them', () => {
    expect(['head', 'probe', 'full'].map((word) => setTo('depth', word))).toEqual(['head', 'probe', 'full'])
    expect(complaint('depth', 'prob')).toBe('must be one of head, probe, full')
    expect(complaint('fail_on', 'errors')).toBe('must be one of error, warning, never')
    expect(complaint('log_level', 'loud')).toContain('must be one of debug, info')
  })
})

describe('a list of some words', () => {
  test.each([
    ['image', ['image']],
    ['image,path', ['image', 'path']],
    ['["registry"]', ['registry']],
  ])('%s', (written, words) => {
    expect(setTo('checks', written)).toEqual(words)
  })

  test('names each word that is none of them', () => {
    expect(complaint('require', 'image,net')).toMatch(
      /^“net” is none of image, registry, path, runner, runner\.networks, .*runner\.pressure$/,
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

test('what is not set has a value that is safe to begin with', () => {
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
    concurrency: 16,
    insecure: false,
    skip_tls_verify: false,
    dry_run: false,
    log_level: 'info',
    debug: false,
  })
})

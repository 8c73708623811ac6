import { describe, expect, test } from 'vitest'
import { parseExpectedPins, parseInternalAddresses, parseNames } from '../../../src/settings/plan/names.ts'
import type { Problem } from '../../../src/settings/problem.ts'
import { readSettings } from '../../../src/settings/read.ts'

/** What a parser makes of a list, and the problems it reports. */
function parsed<T>(parse: (problems: Problem[]) => T): { value: T; problems: Problem[] } {
  const problems: Problem[] = []
  return { value: parse(problems), problems }
}

describe('names', () => {
  test('are host names in their one form, each once', () => {
    const { value, problems } = parsed((to) =>
      parseNames({ names: ['Registry.LAN.', 'registry.lan', 'cache'] }, to),
    )
    expect(value).toEqual(['registry.lan', 'cache'])
    expect(problems).toEqual([])
  })
  test.each([
    '10.0.0.5',
    'fd00::5',
    'localhost',
    'a.localhost',
    'https://a.example',
    'a-.lan',
    'a..b',
    '1.2',
    'a b',
    '*.lan',
  ])('cannot be “%s”', (name) => {
    expect(parsed((to) => parseNames({ names: [name] }, to))).toEqual({
      value: [],
      problems: [{ setting: 'names', value: name, message: expect.stringContaining('registry.example.com') }],
    })
  })
  test('are at most 16', () => {
    const names = Array.from({ length: 17 }, (_, at) => `n${at}.lan`)
    expect(parsed((to) => parseNames({ names }, to)).problems).toMatchObject([
      { setting: 'names', message: expect.stringContaining('17 names') },
    ])
  })
})

describe('expect_pins', () => {
  const pins = (...items: string[]) => parsed((to) => parseExpectedPins({ expect_pins: items }, to))
  test('true means every name on the path', () => {
    expect(pins('true').value).toEqual({ all: true, pins: [] })
  })
  test('names may have an address', () => {
    expect(pins('registry.lan', 'Auth.LAN = 10.0.0.5', 'v6.lan=FD00::0:5').value).toEqual({
      all: false,
      pins: [
        { name: 'registry.lan' },
        { name: 'auth.lan', address: '10.0.0.5' },
        { name: 'v6.lan', address: 'fd00::5' },
      ],
    })
  })
  test('nothing, or false, expects none', () => {
    expect(pins().value).toBeUndefined()
    expect(pins('false')).toEqual({ value: undefined, problems: [] })
  })
  test.each(['10.0.0.5', 'registry.lan=', 'registry.lan=host', 'a=1.2.3.4=5', '=10.0.0.5'])(
    '“%s” is reported with what would be right',
    (item) => {
      expect(pins(item).problems).toEqual([
        { setting: 'expect_pins', value: item, message: expect.stringContaining('registry.lan=10.0.0.5') },
      ])
    },
  )
})

test('internal_addresses are addresses or ranges', () => {
  const items = ['10.0.0.5', '10.0.0.0/8', 'fd00::/8', '10.0.0.0/33', 'lan']
  const { value, problems } = parsed((to) => parseInternalAddresses({ internal_addresses: items }, to))
  expect(value).toEqual(['10.0.0.5', '10.0.0.0/8', 'fd00::/8'])
  expect(problems.map(({ setting, value: item }) => [setting, item])).toEqual([
    ['internal_addresses', '10.0.0.0/33'],
    ['internal_addresses', 'lan'],
  ])
})

test('names without an image check the path only, and require it', () => {
  for (const name of ['NAMES', 'EXPECT_PINS', 'DNS_CONFIG'])
    expect(readSettings({ [`PLUGIN_${name}`]: 'registry.lan' }).value).toMatchObject({
      checks: ['path'],
      require: ['path'],
    })
  expect(readSettings({ PLUGIN_EXPECT_PINS: 'true' }).value.checks).toContain('image')
})

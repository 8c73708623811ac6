import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalisePlatform, parsePlatform, platformName, samePlatform } from '../../src/oci/platform.ts'

const named = (text: string): string | undefined => {
  const platform = parsePlatform(text)
  return platform && platformName(platform)
}

describe('a platform is normalised the way containerd compares it', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/x86_64/v1', 'linux/amd64'],
    ['linux/amd64/v2', 'linux/amd64/v2'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/i386', 'linux/386'],
    ['linux/386', 'linux/386'],
    ['linux/arm64', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/aarch64/V8', 'linux/arm64'],
    ['linux/arm64/v9', 'linux/arm64/v9'],
    ['linux/arm64/9', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/arm/v7', 'linux/arm/v7'],
    ['linux/arm/5', 'linux/arm/v5'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/arm/8', 'linux/arm/v8'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['macos/arm64', 'darwin/arm64'],
    ['Linux/AMD64', 'linux/amd64'],
    ['linux/riscv64', 'linux/riscv64'],
    ['linux/ppc64le', 'linux/ppc64le'],
    ['linux/s390x', 'linux/s390x'],
    ['linux/mips64le', 'linux/mips64le'],
    [' linux/amd64 ', 'linux/amd64'],
    ['windows/amd64', 'windows/amd64'],
  ])('%s is %s', (text, name) => {
    expect(named(text)).toBe(name)
  })

  test.each([
    ['linux/armhf/v6', 'linux/arm/v7'],
    ['linux/armel/v7', 'linux/arm/v6'],
    ['linux/i386/v1', 'linux/386'],
  ])('%s: the architecture name overrides the variant, so it is %s', (text, name) => {
    expect(named(text)).toBe(name)
  })

  test.each([
    ['linux/arm64/v8.0', 'linux/arm64'],
    ['linux/arm64/v9.0', 'linux/arm64/v9'],
  ])('%s is %s', (text, name) => {
    expect(named(text)).toBe(name)
  })
})

test.each([
  '',
  'linux',
  'linux/',
  '/amd64',
  'linux/amd64/v1/x',
  'linux/am d64',
  'linux,amd64',
  'linux//v7',
  'a/ß',
])('%j is not a platform', (text) => {
  expect(parsePlatform(text)).toBeUndefined()
})

test('the OS version is shown only for Windows, where it matters', () => {
  const platform = { os: 'windows', architecture: 'amd64', osVersion: '10.0.20348.2700' }
  expect(platformName(normalisePlatform(platform))).toBe('windows/amd64 (10.0.20348.2700)')
  expect(platformName(normalisePlatform({ ...platform, os: 'linux' }))).toBe('linux/amd64')
})

test('platforms that runtimes treat as the same are the same', () => {
  const same = (a: string, b: string) => samePlatform(normal(a), normal(b))
  const normal = (text: string) => {
    const [os = '', architecture = '', variant = ''] = text.split('/')
    return normalisePlatform({ os, architecture, variant })
  }
  expect(same('linux/arm64', 'linux/aarch64/v8')).toBe(true)
  expect(same('linux/arm', 'linux/armhf')).toBe(true)
  expect(same('linux/arm/v6', 'linux/arm/v7')).toBe(false)
  expect(same('linux/amd64', 'linux/amd64/v3')).toBe(false)
  expect(same('linux/amd64', 'windows/amd64')).toBe(false)
})

test.each(['constructor', '__proto__', 'toString', 'valueOf'])(
  'an architecture named %s is an architecture like any other',
  (architecture) => {
    expect(normalisePlatform({ os: 'linux', architecture }).architecture).toBe(architecture.toLowerCase())
  },
)

test('normalising twice changes nothing', () => {
  const text = fc.oneof(
    fc.constantFrom(
      '',
      'arm',
      'armhf',
      'arm64',
      'aarch64',
      'amd64',
      'x86_64',
      'i386',
      'linux',
      'macos',
      'v7',
      '7',
      'V8',
    ),
    fc.string(),
  )
  const raw = fc.record({ os: text, architecture: text, variant: text, osVersion: text })
  fc.assert(
    fc.property(raw, (platform) => {
      const once = normalisePlatform(platform)
      expect(normalisePlatform(once)).toEqual(once)
    }),
    { numRuns: 2000 },
  )
})

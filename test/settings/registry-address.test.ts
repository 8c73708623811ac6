import { expect, test } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { isRegistryAddress, isRegistryOrBoolean } from '../../src/settings/registry-address.ts'

test.each([
  'registry.example.com',
  'registry.example.com:5000',
  'https://registry.example.com/v2/',
  'http://127.0.0.1:5000',
  'http://[::1]:5000',
  'localhost:5000',
  'registry',
  'my_registry:5000',
  'https://user:secret@registry.example.com',
  'https://index.docker.io/v1/',
  'ghcr.io/team',
  ' registry.example.com ',
])('%s is the address of a registry', (text) => {
  expect(isRegistryAddress(text)).toBe(true)
})

test.each([
  'not a url',
  '',
  'https://',
  'ftp://registry.example.com',
  '$(id)',
  'registry.example.com:port',
  'registry.example.com:65536',
  'http://[::1',
  'a,b',
  '-u',
  'http://http://registry',
])('%j is none', (text) => {
  expect(isRegistryAddress(text)).toBe(false)
})

test('a list of registries may be a boolean', () => {
  expect(['true', 'no', 'registry:5000', 'not a url'].map(isRegistryOrBoolean)).toEqual([
    ...[true, true, true, false],
  ])
})

test.each(['registry', 'insecure_registry', 'skip_tls_verify_registry'])(
  '%s must be the address of a registry',
  (setting) => {
    const read = readSettings({}, new Map([[setting, 'not a url']]))
    expect(read.ok ? [] : read.problems).toMatchObject([
      { setting, message: expect.stringContaining('must be a host or an http(s) URL') },
    ])
  },
)

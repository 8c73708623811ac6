import { describe, expect, test } from 'vitest'
import { endpointWith, hostnameOf, joinPath, partsOf, servernameOf } from '../../../src/oci/runtimes/legs.ts'
import { tokenUrl } from '../../../src/oci/runtimes/token.ts'

test.each([
  ['https://registry.lab/v2/', 'registry.lab'],
  ['https://registry.lab:5000/v2/', 'registry.lab'],
  ['https://10.0.0.5/v2/', undefined],
  ['https://10.0.0.5:443/v2/', undefined],
  ['https://[2001:db8::1]:443/v2/', undefined],
  ['http://registry.lab/v2/', undefined],
])('%s sends the server name %s', (url, name) => {
  expect(servernameOf(url)).toBe(name)
})

test.each([
  ['registry.lab:5000', 'registry.lab'],
  ['registry.lab', 'registry.lab'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
])('the host name in %s is %s', (host, name) => {
  expect(hostnameOf(host)).toBe(name)
})

test('a port that is written stays in the Host header', () => {
  expect(partsOf('https://registry.lab:443/v2/x?ns=a')).toEqual({
    ...{ protocol: 'https', host: 'registry.lab:443', path: '/v2/x?ns=a' },
  })
})

describe('paths', () => {
  test.each([
    [['/v2', 'team/app', 'manifests/1'], '/v2/team/app/manifests/1'],
    [['/a//b/', './c', '../d'], '/a/b/d'],
    [['', '/'], '/'],
  ])('%j become %s', (parts, path) => {
    expect(joinPath(...parts)).toBe(path)
  })
})

test('a token is asked for with the parameters in the order of their names', () => {
  expect(tokenUrl({ realm: 'https://auth.lab/token?z=1', service: 'lab' }, 'repository:team/app:pull')).toBe(
    'https://auth.lab/token?scope=repository%3Ateam%2Fapp%3Apull&service=lab&z=1',
  )
})

test('an endpoint may do everything, over TLS, unless it says otherwise', () => {
  expect(endpointWith({ role: 'mirror', host: 'a', pulls: false })).toMatchObject({
    ...{ scheme: 'https', path: '/v2', resolves: true, pulls: false, skipVerify: false },
  })
})

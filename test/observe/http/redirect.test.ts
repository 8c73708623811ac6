import { describe, expect, test } from 'vitest'
import { isLocal, isRedirect, maxHops, nextHop } from '../../../src/observe/http/redirect.ts'

const hop = (from: string, location: string | undefined, hops = 0) => {
  const found = nextHop(
    new URL(from),
    location,
    Array.from({ length: hops }, (_, hop) => `${from}#${hop}`),
  )
  return found.ok ? found.url.href : `${found.why.kind} at ${found.why.host}: ${found.why.detail}`
}

describe('a redirect', () => {
  const registry = 'https://registry.test/v2/app/blobs/x'

  test.each([
    ['to another host over https', 'https://storage.test/x?sig=1', 'https://storage.test/x?sig=1'],
    ['to a path', '/elsewhere', 'https://registry.test/elsewhere'],
    ['beside itself', 'y', 'https://registry.test/v2/app/blobs/y'],
    ['without a scheme', '//storage.test/x', 'https://storage.test/x'],
    ['to a private address', 'https://10.0.0.4/x', 'https://10.0.0.4/x'],
  ])('%s is followed', (_, location, expected) => {
    expect(hop(registry, location)).toBe(expected)
  })

  test.each([
    ['without a place', undefined],
    ['to an empty place', ''],
    ['to no address', 'https://'],
    ['to a file', 'file:///etc/passwd'],
    ['to data', 'data:text/plain,hello'],
    ['down to http', 'http://storage.test/x'],
    ['to this machine', 'https://127.0.0.1/x'],
    ['to this machine by name', 'https://localhost:8443/x'],
    ['to this machine by a name below localhost', 'https://a.localhost/x'],
    ['to this machine over IPv6', 'https://[::1]/x'],
    ['to this machine in mapped form', 'https://[::ffff:127.0.0.1]/x'],
    ['to the metadata service of a cloud', 'https://169.254.169.254/latest'],
    ['to a link-local address', 'https://[fe80::1]/x'],
    ['to this machine, written as a number', 'https://2130706433/x'],
  ])('%s is refused', (_, location) => {
    expect(hop(registry, location)).toMatch(/^redirect-refused at registry\.test: /)
  })

  test('from this machine to this machine is followed', () => {
    expect(hop('http://127.0.0.1:5000/v2/', 'http://localhost:9000/x')).toBe('http://localhost:9000/x')
  })

  test('from http up to https is followed', () => {
    expect(hop('http://registry.test/v2/', 'https://storage.test/x')).toBe('https://storage.test/x')
  })

  test('is followed ten times, and not an eleventh', () => {
    expect(hop(registry, '/y', maxHops - 1)).toBe('https://registry.test/y')
    expect(hop(registry, '/y', maxHops)).toMatch(/^redirect-loop at registry\.test: /)
  })

  test('is told by five statuses', () => {
    const all = Array.from({ length: 100 }, (_, at) => 300 + at)
    expect(all.filter(isRedirect)).toEqual([301, 302, 303, 307, 308])
  })
})

describe('an address', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['LOCALHOST', true],
    ['[::1]', true],
    ['[::ffff:7f00:1]', true],
    ['128.0.0.1', false],
    ['10.0.0.1', false],
    ['[fd00::1]', false],
    ['localhost.test', false],
    ['notlocalhost', false],
    ['127.0.0.1.test', false],
  ])('%s is of this machine: %s', (address, local) => {
    expect(isLocal(address)).toBe(local)
  })
})

import { describe, expect, test } from 'vitest'
import { isRedirect, maxHops, nextHop } from '../../../src/observe/http/redirect.ts'

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
    ['to any address, which the guard judges', 'https://10.0.0.4/x', 'https://10.0.0.4/x'],
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

describe('a next hop', () => {
  const from = new URL('https://registry.test/v2/app/blobs/x')
  const hop = (location: string | undefined, at = from) => {
    const next = nextHop(at, location, [])
    return next.ok ? next.url.href : next.why.detail
  }

  test.each([
    ['/other', 'https://registry.test/other'],
    ['other', 'https://registry.test/v2/app/blobs/other'],
    ['//cdn.test/x', 'https://cdn.test/x'],
    ['https://cdn.test/x?sig=a%2Fb', 'https://cdn.test/x?sig=a%2Fb'],
    ['https://user:pw@cdn.test/x', 'https://user:pw@cdn.test/x'],
  ])('by %s is %s', (location, expected) => {
    expect(hop(location)).toBe(expected)
  })

  test.each([
    [undefined, 'a redirect without a Location header'],
    ['', 'a redirect without a Location header'],
    ['https://', 'a redirect whose Location header is not a URL'],
    ['http://cdn.test/x', 'a redirect from https down to http://cdn.test'],
    ['ftp://cdn.test/x', 'a redirect to the scheme ftp'],
    ['javascript:alert(1)', 'a redirect to the scheme javascript'],
  ])('by %j is none', (location, expected) => {
    expect(hop(location)).toBe(expected)
  })
})

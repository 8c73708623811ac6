import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AddressClass, addressClass, canRedirectTo } from '../../../src/net/address-class.ts'
import { isLocal, nextHop, redirectsInside } from '../../../src/observe/http/redirect.ts'
import { createRequestLog } from '../../../src/observe/http/request-log.ts'

describe('an address', () => {
  test.each<[AddressClass, string[]]>([
    [
      'loopback',
      [
        '127.0.0.1',
        '127.255.255.254',
        '::1',
        '0.0.0.0',
        '0.1.2.3',
        '::',
        '::ffff:127.0.0.1',
        '::ffff:7f00:1',
      ],
    ],
    [
      'link-local',
      ['169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
    ],
    [
      'private',
      [
        '10.0.0.1',
        '10.255.255.255',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.1.1',
        '100.64.0.1',
        'fc00::1',
        'fd00:ec2::254',
        '::ffff:10.0.0.1',
      ],
    ],
    [
      'public',
      [
        '8.8.8.8',
        '11.0.0.1',
        '172.15.0.1',
        '172.32.0.1',
        '192.167.1.1',
        '100.63.1.1',
        '100.128.0.1',
        '169.253.1.1',
        '128.0.0.1',
        '2001:db8::1',
        'fec0::1',
        '::ffff:8.8.8.8',
      ],
    ],
  ])('is %s by its network', (expected, addresses) => {
    for (const address of addresses) expect([address, addressClass(address)]).toEqual([address, expected])
  })

  test('of any form gets a class without an error', () => {
    const any = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string(),
      fc.ipV6().map((address) => `${address}%eth0`),
    )
    fc.assert(
      fc.property(any, (text) =>
        ['loopback', 'link-local', 'private', 'public'].includes(addressClass(text)),
      ),
    )
  })
})

describe('a host', () => {
  const classes = ['loopback', 'link-local', 'private', 'public'] as const
  test.each<[AddressClass, AddressClass[]]>([
    ['public', ['public']],
    ['private', ['private', 'public']],
    ['link-local', ['link-local', 'private', 'public']],
  ])('that is %s may lead to what is %j, and nowhere else', (from, allowed) => {
    expect(classes.filter((to) => canRedirectTo(from, to))).toEqual(allowed)
  })

  test.each([
    ['localhost', true],
    ['LOCALHOST', true],
    ['a.localhost', true],
    ['127.0.0.1', true],
    ['169.254.169.254', true],
    ['[::1]', true],
    ['[fe80::1]', true],
    ['[febf::1]', true],
    ['[::ffff:7f00:1]', true],
    ['localhost.example.com', false],
    ['registry.test', false],
    ['10.0.0.1', false],
    ['[2001:db8::1]', false],
    ['[fec0::1]', false],
  ])('named %s is on this machine or link: %s', (name, expected) => {
    expect(isLocal(name)).toBe(expected)
  })
})

describe('a redirect to another host', () => {
  /** Why a registry at an address is not followed to a place. */
  const why = async (
    from: string[],
    to: string,
    privateRedirects = false,
    source = 'https://registry.test/',
  ) => {
    const requestLog = createRequestLog(Date.now)
    requestLog.connected(new URL(source).host, {
      addresses: from,
      source: 'DNS',
      protocol: 'https',
      http2: true,
      phases: {},
    })
    return (await redirectsInside(new URL(source), new URL(to), requestLog, { privateRedirects }))?.detail
  }

  test.each([
    ['https://10.0.0.5/x', 'a redirect to 10.0.0.5 at 10.0.0.5, a private address'],
    ['https://192.168.1.1:9000/x', 'a redirect to 192.168.1.1:9000 at 192.168.1.1, a private address'],
    ['https://[fd00:ec2::254]/', 'a redirect to [fd00:ec2::254] at fd00:ec2::254, a private address'],
    [
      'https://169.254.169.254/latest',
      'a redirect to 169.254.169.254 at 169.254.169.254, a link-local address',
    ],
    [
      'https://[::ffff:169.254.169.254]/',
      'a redirect to [::ffff:a9fe:a9fe] at ::ffff:a9fe:a9fe, a link-local address',
    ],
    ['https://0.0.0.0:80/', 'a redirect to 0.0.0.0:80 at 0.0.0.0, a loopback address'],
    ['https://2130706433/', 'a redirect to 127.0.0.1 at 127.0.0.1, a loopback address'],
    [
      'https://0xa9.0xfe.0xa9.0xfe/',
      'a redirect to 169.254.169.254 at 169.254.169.254, a link-local address',
    ],
  ])('from a public registry to %s is refused, with its address', async (to, detail) => {
    expect(await why(['203.0.113.7'], to)).toBe(detail)
  })

  test('to a name is judged by the address that the name has', async () => {
    expect(await why(['203.0.113.7'], 'https://localhost:9000/x')).toMatch(
      /^a redirect to localhost:9000 at (127\.0\.0\.1|::1), a loopback address$/,
    )
  })

  test('to a private address is followed where the setting allows it, and to no nearer one', async () => {
    expect(await why(['203.0.113.7'], 'https://10.0.0.5/x', true)).toBeUndefined()
    expect(await why(['203.0.113.7'], 'https://127.0.0.1/x', true)).toContain('loopback')
    expect(await why(['203.0.113.7'], 'https://169.254.169.254/x', true)).toContain('link-local')
  })

  test.each([
    ['public', '203.0.113.7', 'https://198.51.100.9/x'],
    ['private', '10.0.0.1', 'https://10.0.0.5/x'],
    ['private', '10.0.0.1', 'https://198.51.100.9/x'],
    ['loopback', '127.0.0.1', 'https://10.0.0.5/x'],
  ])('from a %s registry at %s to %s is followed', async (_, from, to) => {
    expect(await why([from], to)).toBeUndefined()
  })

  test('is judged by the farthest address that the registry was reached at', async () => {
    expect(await why(['10.0.0.1', '203.0.113.7'], 'https://10.0.0.5/x')).toContain('private')
  })

  test('is not judged where it stays on the host, or where no address is known', async () => {
    expect(await why(['203.0.113.7'], 'https://registry.test/y')).toBeUndefined()
    expect(await why([], 'https://10.0.0.5/x')).toBeUndefined()
  })

  test('to a name that nobody knows is left to the dialler', async () => {
    expect(await why(['203.0.113.7'], 'https://no-such-host.invalid/x')).toBeUndefined()
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
    [undefined, 'a redirect without a place to go'],
    ['', 'a redirect without a place to go'],
    ['https://', 'a redirect without a place to go'],
    ['http://cdn.test/x', 'a redirect from https down to http://cdn.test'],
    ['ftp://cdn.test/x', 'a redirect to ftp:'],
    ['javascript:alert(1)', 'a redirect to javascript:'],
    ['https://localhost/x', "a redirect to localhost, this machine's own"],
    ['https://127.0.0.1:1/x', "a redirect to 127.0.0.1:1, this machine's own"],
    ['https://169.254.169.254/x', "a redirect to 169.254.169.254, this machine's own"],
    ['https://[::1]/x', "a redirect to [::1], this machine's own"],
  ])('by %j is none', (location, expected) => {
    expect(hop(location)).toBe(expected)
  })
})

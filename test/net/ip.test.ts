import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressFromBytes,
  canonicalHost,
  contains,
  formatAddress,
  holds,
  isAddress,
  maskLength,
  overlaps,
  parseAddress,
  parseIpv4Network,
  parseNetwork,
  prefixLength,
  unmapped,
} from '../../src/net/ip.ts'

/** An address as the WHATWG URL parser writes it. */
const asUrl = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

describe('an address', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['fe80::1%br-1a2b.100', 'fe80::1'],
    ['::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ])('%s is read, and written as %s', (text, expected) => {
    const address = parseAddress(text)
    expect(address && formatAddress(address)).toBe(expected)
  })

  test.each([
    ...['', ' 10.0.0.1', '10.0.0.1 ', '10.0.0', '10..0.1', '10.0.0.256', '10.0.0.1.', '10.0.0.1%eth0'],
    // Octal, hexadecimal, short and whole-number forms of inet_aton(3): a URL never has them.
    ...['010.0.0.1', '0x0a.0.0.1', '0xa000001', '167772161', '10.1', '::ffff:010.0.0.1', '::ffff:0xa.0.0.1'],
    ...[
      '[::1]',
      ':',
      ':::',
      '1::2::3',
      'fd00::12345',
      'fd00:0:0:0:0:0:0:0:1',
      '1:2:3:4:5:6:7',
      '::1/128',
      '::%',
    ],
    ...['::1.2.3', '1.2.3.4::', 'fe80::1%', 'fe80::1%a%b', 'localhost', 'registry.test', '１０.0.0.1'],
  ])('is not %j', (text) => {
    expect([parseAddress(text), isAddress(text)]).toEqual([undefined, false])
  })

  const pieces = [
    '0',
    '1',
    '9',
    'a',
    'F',
    'g',
    ':',
    '::',
    '.',
    'ffff',
    '255',
    '256',
    '01',
    '1.2.3.4',
    '/',
    ' ',
  ]
  test('is what Node takes for one', () => {
    const texts = fc.array(fc.constantFrom(':', ...pieces), { maxLength: 17 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(texts, fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string()), (text) => {
        fc.pre(!text.includes('%'))
        expect([text, parseAddress(text)?.version ?? 0]).toEqual([text, isIP(text)])
      }),
      { numRuns: 3000 },
    )
  })

  test('is written as the URL parser writes it, and read again as the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text)
        const written = address && formatAddress(address)
        expect(written).toBe(asUrl(text))
        expect(parseAddress(written ?? '')).toEqual(address)
      }),
    )
  })

  test('of bytes is the text of those bytes, with an IPv4 address for a mapped one', () => {
    expect(addressFromBytes([10, 0, 0, 1])).toBe('10.0.0.1')
    expect(addressFromBytes([...Array(10).fill(0), 255, 255, 10, 0, 0, 1])).toBe('10.0.0.1')
    expect(addressFromBytes([...Array(10).fill(0), 255, 254, 10, 0, 0, 1])).toBe('::fffe:a00:1')
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(bytes, (of) => {
        const value = BigInt(`0x${Buffer.from(of).toString('hex')}`)
        expect(addressFromBytes([...of])).toBe(formatAddress(unmapped({ version: 6, value })))
      }),
    )
  })
})

test.each([
  ['[::FFFF:127.0.0.1]', '::ffff:7f00:1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['Registry.Test.', 'registry.test'],
  ['10.0.0.1', '10.0.0.1'],
  ['a:b', 'a:b'],
])('the one form of the host %s is %s', (host, expected) => {
  expect(canonicalHost(host)).toBe(expected)
})

describe('a network', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
    ['10.9.8.7/8', '10.0.0.0', '10.255.255.255'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['10.0.0.1', '10.0.0.1', '10.0.0.1'],
    ['fd00::1/64', 'fd00::', 'fd00::ffff:ffff:ffff:ffff'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s goes from %s to %s', (text, first, last) => {
    const network = parseNetwork(text)
    expect(network).toEqual({
      version: text.includes(':') ? 6 : 4,
      first: parseAddress(first)?.value,
      last: parseAddress(last)?.value,
    })
    expect(parseIpv4Network(text)).toEqual(text.includes(':') ? undefined : network)
  })

  test.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'fd00::/129',
    'default',
  ])('is not %j', (text) => {
    expect([parseNetwork(text), parseIpv4Network(text)]).toEqual([undefined, undefined])
  })

  test.each([
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', true, false],
    ['10.0.0.0/8', '10.0.0.0/8', true, true],
    ['10.0.0.0/8', '11.0.0.0/8', false, false],
    ['::/0', '10.0.0.0/8', false, false],
    ['fd00::/8', 'fd12::/64', true, true],
  ])('%s and %s overlap: %s, the first contains the second: %s', (one, other, both, within) => {
    const [a, b] = [parseNetwork(one), parseNetwork(other)]
    expect(a && b && [overlaps(a, b), overlaps(b, a), contains(a, b)]).toEqual([both, both, within])
  })

  test('overlaps another where one contains the other, and nowhere else', () => {
    const four = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
    const six = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }))
    const network = fc.oneof(four, six).map(([address, length]) => parseNetwork(`${address}/${length}`))
    fc.assert(
      fc.property(network, network, (a, b) => {
        if (!a || !b) throw new Error('not read')
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a))
        expect(overlaps(a, b)).toBe(overlaps(b, a))
      }),
    )
  })
})

test.each([
  ['172.17.0.0/16', '172.17.255.255', true],
  ['172.17.0.0/16', '172.18.0.0', false],
  ['172.17.9.9/16', '172.17.0.1', true],
  ['0.0.0.0/0', '198.51.100.1', true],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['fd00::/64', 'fd00::1', true],
  ['fd00::/64', 'fd00:0:0:1::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['::/0', '2001:db8::1', true],
  ['10.0.0.0/8', 'fd00::1', false],
  ['10.0.0.0/33', '10.0.0.1', false],
  ['10.0.0.0/x', '10.0.0.1', false],
  ['10.0.0.0/', '10.0.0.1', false],
  ['default', '10.0.0.1', false],
  ['10.0.0.0/8', 'host.example.com', false],
  ['10.0.0.0/8', '10.0.0', false],
  ['10.0.0.0/8', '10..0.1', false],
  ['fd00::/64', 'fd00::1::2', false],
  ['fd00::/64', 'fd00:0:0:0:0:0:0:0:1', false],
])('%s holds %s: %s', (network, address, expected) => {
  expect(holds(network, address)).toBe(expected)
})

test('what a network holds agrees with Node’s own list of networks', () => {
  const four = fc.tuple(fc.constant('ipv4' as const), fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }))
  const six = fc.tuple(fc.constant('ipv6' as const), fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }))
  fc.assert(
    fc.property(fc.oneof(four, six), ([family, base, address, length]) => {
      fc.pre(isIP(base) > 0 && isIP(address) > 0 && !/\..*:|:.*\./.test(base + address))
      const list = new BlockList()
      list.addSubnet(base, length, family)
      expect(holds(`${base}/${length}`, address)).toBe(list.check(address, family))
    }),
  )
})

test.each([
  ['default', 0],
  ['10.0.0.0/8', 8],
  ['10.0.0.1', 32],
  ['fd00::1', 128],
  ['fd00::/64', 64],
])('%s shares %i bits', (network, length) => {
  expect(prefixLength(network)).toBe(length)
})

test.each([
  ['255.255.255.255', 32],
  ['255.255.240.0', 20],
  ['0.0.0.0', 0],
  ['255.0.255.0', undefined],
  ['0.255.255.255', undefined],
  ['ffff::', undefined],
  ['', undefined],
])('the netmask %s has %s bits', (mask, bits) => {
  expect(maskLength(mask)).toBe(bits)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AddressClass,
  addressClass,
  canRedirectTo,
  isAllowedPrivate,
  isInternalAddress,
  isLoopback,
  literalAddress,
  widestClass,
} from '../../src/net/address-class.ts'
import { specialRanges } from '../../src/net/special-ranges.ts'
import { carriers, formsOf, otherIpv6, specialIpv4, specialIpv6 } from './special-addresses.ts'

const classes: AddressClass[] = [...new Set(specialRanges.map((range) => range.class))]
const publicAddresses = [
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...[
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.0.3.0',
  ],
  ...['192.88.98.255', '192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
  ...['203.0.112.255', '203.0.114.0', '223.255.255.255'],
]

describe('an address of every special range', () => {
  test.each([...specialIpv4, ...specialIpv6, ...otherIpv6])(
    '%s is %s from its first to its last',
    (...row) => {
      const [, expected, ...addresses] = row
      for (const address of addresses) {
        expect([address, addressClass(address)]).toEqual([address, expected])
        expect([address, widestClass([address])]).toEqual([address, expected])
      }
    },
  )

  test.each(specialIpv4)('%s is %s in every IPv6 form, too', (_, expected, ...addresses) => {
    for (const address of addresses) {
      for (const [form, text] of formsOf(address)) {
        // Whatever ends in zeros is read with the shortest prefix that allows it, and nobody's host anyway.
        if (form.startsWith('NAT64 of local use') && address.endsWith('.0'))
          expect([form, text, isInternalAddress(text, 'public')]).toEqual([form, text, true])
        else expect([form, text, addressClass(text)]).toEqual([form, text, expected])
      }
    }
  })

  test.each([
    ['64:ff9b:1::a9fe:a9fe', 'link-local'],
    ['64:ff9b:1:2:3:4:a9fe:a9fe', 'link-local'],
    ['64:ff9b:1:a9fe:a9:fe00::', 'link-local'],
    ['64:ff9b:1:a9:fe:a9fe::', 'link-local'],
    ['64:ff9b:1:0:a9:fea9:fe00:0', 'link-local'],
    ['64:ff9b:1::a00:5', 'private'],
    ['64:ff9b:1::', 'unspecified'],
    ['64:ff9b:1:8c52:79:2200::', 'public'],
  ])(
    'behind a translator of local use, %s, is read with every length of its prefix: %s',
    (address, expected) => {
      expect(addressClass(address)).toBe(expected)
    },
  )

  test('is in the table with its source, and the table has every row of the registries', () => {
    const known = new Map(specialRanges.map((range) => [range.cidr, range.source]))
    const rows = [...specialIpv4.map(([range]) => range), ...specialIpv6.map(([range]) => range), ...carriers]
    // 26 and 25 rows, and multicast.
    expect(rows).toHaveLength(26 + 25 + 1)
    for (const row of rows) expect([row, known.get(row)]).toEqual([row, expect.stringMatching(/^RFC \d+/)])
  })
})

describe('a public address', () => {
  test.each(publicAddresses)('next to a special range, such as %s, is public', (address) => {
    expect([addressClass(address), widestClass([address])]).toEqual(['public', 'public'])
  })

  test.each(['1.1.1.1', '8.8.8.8', '140.82.121.34', '20.205.243.166'])(
    'such as %s is public in every form',
    (address) => {
      for (const [form, text] of formsOf(address))
        expect([form, addressClass(text)]).toEqual([form, 'public'])
    },
  )

  test.each([
    ...[
      '2000::',
      '2001:200::1',
      '2001:4860:4860::8888',
      '2003::1',
      '2606:4700::1111',
      '3ffe::1',
      '3fff:1000::',
    ],
  ])('%s is public', (address) => {
    expect([addressClass(address), widestClass([address])]).toEqual(['public', 'public'])
  })
})

describe('an address inside another', () => {
  test('is never judged more public than by itself', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const own = addressClass(address)
        for (const [, text] of formsOf(address)) {
          // No host has an address of this network (0.0.0.0/8), so that none can lead from there.
          const led = classes.filter(
            (from) => from !== 'this-network' && canRedirectTo(from, addressClass(text)),
          )
          for (const from of led) expect([text, from, canRedirectTo(from, own)]).toEqual([text, from, true])
        }
      }),
      { examples: [['0.0.0.0'], ['0.0.0.1'], ['127.0.0.1'], ['255.255.255.255']] },
    )
  })

  test.each([
    ['64:ff9b::127.0.0.1', 'public'],
    ['2002:7f00:1::1', 'public'],
    ['2a00:1450:4001:800:0:5efe:127.0.0.1', 'public'],
    ['2001:0:c000:22d:8000:63bf:80ff:fffe', 'public'],
    ['::127.0.0.1', 'reserved'],
    ['64:ff9b:1::10.0.0.1', 'private'],
    ['64:ff9b:1::8.8.8.8', 'public'],
    ['fe80::5efe:8.8.8.8', 'public'],
    ['::ffff:127.0.0.1', 'loopback'],
  ])('makes no host less public: as a server’s own %s is %s', (address, expected) => {
    expect(widestClass([address])).toBe(expected)
  })

  test('counts beside the range that it is in', () => {
    expect(addressClass('fe80::5efe:8.8.8.8')).toBe('link-local')
    expect(addressClass('fd00::5efe:8.8.8.8')).toBe('private')
  })

  test('is not read where the end of an address happens to look like one', () => {
    expect(addressClass('2a00:1450:4001:800:1:5efe:a9fe:a9fe')).toBe('public')
    expect(addressClass('2001:4860::ffff:a9fe:a9fe')).toBe('public')
  })
})

test('text of any kind gets a class without an error', () => {
  const any = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.ipV6().map((address) => `${address}%eth0`),
  )
  fc.assert(fc.property(any, (text) => classes.includes(addressClass(text))))
  fc.assert(fc.property(any, (text) => classes.includes(widestClass([text]))))
})

test('an address with a zone is of the class that it has without', () => {
  expect(addressClass('fe80::1%eth0')).toBe('link-local')
})

test('of several addresses the most public one counts, and without any a host is public', () => {
  expect(widestClass(['127.0.0.1', '10.0.0.1'])).toBe('private')
  expect(widestClass(['10.0.0.1', '8.8.8.8', '127.0.0.1'])).toBe('public')
  expect(widestClass([])).toBe('public')
})

describe('a host', () => {
  test.each<[AddressClass, AddressClass[]]>([
    ['public', ['public']],
    ['documentation', ['benchmarking', 'documentation', 'public']],
    ['benchmarking', ['benchmarking', 'documentation', 'public']],
    ['private', ['benchmarking', 'documentation', 'private', 'public']],
    ['link-local', ['benchmarking', 'documentation', 'link-local', 'private', 'public']],
    ['loopback', ['benchmarking', 'documentation', 'loopback', 'private', 'public', 'unspecified']],
    ['unspecified', ['benchmarking', 'documentation', 'loopback', 'private', 'public', 'unspecified']],
    ['reserved', ['public', 'reserved']],
    ['special-purpose', ['public', 'special-purpose']],
  ])('that is %s may lead to what is %j, and nowhere else', (from, allowed) => {
    expect(classes.filter((to) => canRedirectTo(from, to)).toSorted()).toEqual(allowed)
  })

  test('that is public may lead to ranges that networks use within themselves where the setting allows it', () => {
    const allowed = classes.filter(isAllowedPrivate).toSorted()
    expect(allowed).toEqual(['benchmarking', 'documentation', 'private'])
    for (const [, is, address] of [...specialIpv4, ...specialIpv6, ...otherIpv6]) {
      expect([address, isInternalAddress(address, 'public')]).toEqual([address, true])
      const lifted = !isInternalAddress(address, 'public', { privateRedirects: true })
      expect([address, lifted]).toEqual([address, allowed.includes(is)])
    }
  })
})

test.each([
  ['localhost', '127.0.0.1'],
  ['LOCALHOST', '127.0.0.1'],
  ['localhost.', '127.0.0.1'],
  ['a.localhost', '127.0.0.1'],
  ['10.0.0.5', '10.0.0.5'],
  ['10.0.0.5.', '10.0.0.5'],
  ['[::FFFF:a9fe:a9fe]', '::ffff:a9fe:a9fe'],
  ['localhost.test', undefined],
  ['notlocalhost', undefined],
  ['127.0.0.1.test', undefined],
  ['registry.test', undefined],
  ['', undefined],
])('the host %j is written out as %s', (name, expected) => {
  expect(literalAddress(name)).toBe(expected)
})

test.each([
  ['localhost', true],
  ['a.localhost', true],
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['[::1]', true],
  ['[::ffff:7f00:1]', true],
  ['0.0.0.0', true],
  ['[::]', true],
  ['0.1.2.3', false],
  ['[64:ff9b::7f00:1]', false],
  ['[2002:7f00:1::1]', false],
  ['[::7f00:1]', false],
  ['[2a00:1450:4001:800:0:5efe:7f00:1]', false],
  ['128.0.0.1', false],
  ['10.0.0.1', false],
  ['169.254.0.1', false],
  ['[fe80::1]', false],
  ['localhost.example.com', false],
])('%s is this machine: %s', (name, expected) => {
  expect(isLoopback(name)).toBe(expected)
})

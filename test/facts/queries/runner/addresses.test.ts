import { BlockList, isIP } from 'node:net'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { holds, prefixLength } from '../../../../src/facts/queries/runner/addresses.ts'

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
  ['default', '10.0.0.1', false],
  ['10.0.0.0/8', 'host.example.com', false],
  ['10.0.0.0/8', '10.0.0', false],
  ['10.0.0.0/8', '10..0.1', false],
  ['fd00::/64', 'fd00::1::2', false],
  ['fd00::/64', 'fd00:0:0:0:0:0:0:0:1', false],
])('%s holds %s: %s', (network, address, expected) => {
  expect(holds(network, address)).toBe(expected)
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

test('it agrees with Node’s own list of networks', () => {
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

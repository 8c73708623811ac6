import { expect, test } from 'vitest'
import { defaultGateways } from '../../../../src/observe/runner/ports/gateways.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'

const head =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                       '

/** A line of /proc/net/route of a little-endian kernel. */
const four = (
  device: string,
  destination: string,
  gateway: string,
  flags: string,
  metric: number,
  mask: string,
) => `${device}\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0`

const zeros = '0'.repeat(32)
const six = (
  destination: string,
  length: string,
  hop: string,
  metric: string,
  flags: string,
  device: string,
) => `${destination} ${length} ${zeros} 00 ${hop} ${metric} 00000001 00000000 ${flags} ${device}`

const linkLocal = 'fe800000000000000000000000000001'
const global = 'fd000077000000000000000000000001'
const gatewaysIn = (files: Record<string, string>) => defaultGateways(fakeHostAccess({ files }))

test('a container with one default route has one gateway', async () => {
  const text = [
    head,
    four('eth0', '00000000', '010011AC', '0003', 0, '00000000'),
    four('eth0', '000011AC', '00000000', '0001', 0, '0000FFFF'),
  ].join('\n')
  expect(await gatewaysIn({ '/proc/net/route': `${text}\n` })).toEqual({
    usable: ['172.17.0.1'],
    unusable: [],
  })
})

test('the route with the lowest metric comes first; at most two are kept', async () => {
  const text = [
    four('eth2', '00000000', '0300000A', '0003', 300, '00000000'),
    four('eth0', '00000000', '0100000A', '0003', 100, '00000000'),
    four('eth1', '00000000', '0200000A', '0003', 200, '00000000'),
  ].join('\n')
  expect((await gatewaysIn({ '/proc/net/route': text })).usable).toEqual(['10.0.0.1', '10.0.0.2'])
})

test.each([
  ['a route without gateway', four('tun0', '00000000', '00000000', '0001', 0, '00000000')],
  ['a reject route', four('lo', '00000000', '0100000A', '0203', 0, '00000000')],
  ['half of all addresses', four('tun0', '00000000', '0100000A', '0003', 0, '00000080')],
  ['another network', four('eth0', '0000000A', '0100000A', '0003', 0, '000000FF')],
  ['nonsense', 'x'],
])('%s is not a default gateway', async (_, line) => {
  expect(await gatewaysIn({ '/proc/net/route': line })).toEqual({ usable: [], unusable: [] })
})

test('a link-local gateway, which only answers ARP, is unusable', async () => {
  const text = four('eth0', '00000000', '0101FEA9', '0003', 0, '00000000')
  expect(await gatewaysIn({ '/proc/net/route': text })).toEqual({ usable: [], unusable: ['169.254.1.1'] })
})

test('IPv6 gateways come after IPv4, link-local ones with their zone', async () => {
  const text = [
    six('fd000077000000000000000000000000', '40', zeros, '00000100', '00000001', 'eth0'),
    six(zeros, '00', global, '00000400', '00000003', 'eth0'),
    six(zeros, '00', linkLocal, '00000800', '00000003', 'eth1'),
    six(zeros, '00', zeros, 'ffffffff', '00200200', 'lo'),
  ].join('\n')
  const route = four('eth0', '00000000', '010011AC', '0003', 0, '00000000')
  const gateways = await gatewaysIn({ '/proc/net/route': route, '/proc/net/ipv6_route': text })
  expect(gateways.usable).toEqual(['172.17.0.1', 'fd00:77::1', 'fe80::1%eth1'])
})

test.each([
  ['half of all addresses', six(zeros, '01', global, '00000400', '00000003', 'tun0')],
  ['another network', six('20000000000000000000000000000000', '00', global, '00000400', '00000003', 'tun0')],
  ['a route without gateway', six(zeros, '00', global, '00000400', '00000001', 'tun0')],
  ['a reject route', six(zeros, '00', global, '00000400', '00000203', 'lo')],
  ['nonsense', six(zeros, '00', 'fd00', '00000400', '00000003', 'eth0')],
])('%s is not an IPv6 default gateway', async (_, line) => {
  expect(await gatewaysIn({ '/proc/net/ipv6_route': line })).toEqual({ usable: [], unusable: [] })
})

test('none without the files', async () => {
  expect(await gatewaysIn({})).toEqual({ usable: [], unusable: [] })
})

import { expect, test } from 'vitest'
import { type RouteKey, routingOf } from '../../../../src/facts/queries/packet/routing.ts'
import type { PolicyRule, TableRoute } from '../../../../src/facts/routing.ts'
import { addressOf } from '../../../support/packet-host.ts'
import { routeOf, ruleOf } from '../../../support/routing.ts'

const key: RouteKey = {
  family: 'ip',
  iif: 'docker0',
  saddr: addressOf('172.17.0.2'),
  daddr: addressOf('198.51.100.1'),
  sport: 40_000n,
  dport: 443n,
  protocol: 6n,
  mark: 0n,
}
const main = [
  routeOf('default', 'eth0'),
  routeOf('198.51.0.0/16', 'eth1'),
  routeOf('198.51.0.0/16', 'eth2', { metric: 5 }),
]
const vpn = routeOf('default', 'wg0', { table: '52' })

function chosen(
  rules: PolicyRule[],
  routes: TableRoute[] = [...main, vpn],
  change: Partial<RouteKey> = {},
): unknown {
  const found = routingOf({ rules, routes }).lookup({ ...key, ...change })
  return found.kind === 'route' ? found.route.device : found.kind
}

const last = ruleOf(32_766, 'main')

test.each<[name: string, rules: PolicyRule[], device: unknown]>([
  ['the longest prefix, then the lowest metric', [last], 'eth1'],
  ['the rule with the lowest number', [last, ruleOf(10, '52')], 'wg0'],
  ['a rule for the source', [ruleOf(10, '52', { from: '172.17.0.0/16' }), last], 'wg0'],
  ['a rule for another source', [ruleOf(10, '52', { from: '172.18.0.0/16' }), last], 'eth1'],
  ['a rule for another destination', [ruleOf(10, '52', { to: '10.0.0.0/8' }), last], 'eth1'],
  ['a rule for what does not go there', [ruleOf(10, '52', { to: '10.0.0.0/8', negated: true }), last], 'wg0'],
  ['a rule for another interface', [ruleOf(10, '52', { iif: 'eth0' }), last], 'eth1'],
  ['a rule for the host’s own packets', [ruleOf(10, '52', { oif: 'docker0' }), last], 'eth1'],
  ['a rule for a mark', [ruleOf(10, '52', { mark: { value: 1, mask: 0xff } }), last], 'eth1'],
  ['a rule for no mark', [ruleOf(10, '52', { mark: { value: 0, mask: 0xff } }), last], 'wg0'],
  ['a rule for a port', [ruleOf(10, '52', { dport: [400, 500], protocol: 'tcp' }), last], 'wg0'],
  ['a rule for another port', [ruleOf(10, '52', { sport: [1, 2] }), last], 'eth1'],
  ['a rule that suppresses the default', [ruleOf(10, '52', { suppress: 0 }), last], 'eth1'],
  ['a rule that refuses', [{ ...ruleOf(10, ''), action: 'unreachable' }, last], 'refused'],
  ['a rule that leads past another', [{ ...ruleOf(5, ''), goto: 20 }, ruleOf(10, '52'), last], 'eth1'],
  ['a rule for another protocol', [ruleOf(10, '52', { protocol: 'udp' }), last], 'eth1'],
  ['a rule for all but a protocol', [ruleOf(10, '52', { protocol: 'udp', negated: true }), last], 'wg0'],
  ['a rule for root: what is forwarded', [ruleOf(10, '52', { uids: [0, 0] }), last], 'wg0'],
  ['a rule for users', [ruleOf(10, '52', { uids: [1000, 2000] }), last], 'eth1'],
  ['a rule for a type of service', [ruleOf(10, '52', { tos: '0x10' }), last], 'eth1'],
  ['a rule for a tunnel', [ruleOf(10, '52', { tunnel: 12 }), last], 'eth1'],
  ['the rule for VRFs', [{ ...ruleOf(10, ''), l3mdev: true }, last], 'eth1'],
  ['a rule with a selector that is not known', [ruleOf(10, '52', { others: ['new'] }), last], 'unknown'],
  ['such a rule that leads to the same interface', [ruleOf(10, 'main', { others: ['new'] }), last], 'eth1'],
  ['no rule', [], 'none'],
])('%s', (_name, rules, device) => expect(chosen(rules)).toBe(device))

test('a mark that is not known', () => {
  const rules = [ruleOf(10, '52', { mark: { value: 1, mask: 0xff } }), last]
  expect(chosen(rules, undefined, { mark: undefined })).toBe('unknown')
  expect(chosen(rules, undefined, { mark: 0x301n })).toBe('wg0')
})

test('a rule for users, and a program of this host', () => {
  const rules = [ruleOf(10, '52', { uids: [1000, 2000] }), last]
  expect(chosen(rules, undefined, { owner: { uid: 1001n } })).toBe('wg0')
  expect(chosen(rules, undefined, { owner: { uid: 0n } })).toBe('eth1')
  expect(chosen(rules, undefined, { owner: {} })).toBe('unknown')
})

test('a packet that comes in by a VRF', () => {
  const rules = [{ ...ruleOf(10, ''), l3mdev: true as const }, last]
  const { lookup } = routingOf({ rules, routes: main }, new Set(['docker0']))
  expect(lookup(key).kind).toBe('unknown')
  expect(lookup({ ...key, iif: 'eth0' }).kind).toBe('route')
})

test('routes that are dead, and those that send to the next table', () => {
  const dead = main.map((route) => ({ ...route, dead: route.device === 'eth1' }))
  expect(chosen([last], dead)).toBe('eth2')
  const thrown = [...main, vpn, routeOf('198.51.100.0/24', '', { table: '52', type: 'throw' })]
  expect(chosen([ruleOf(10, '52'), last], thrown)).toBe('eth1')
})

test('kinds of addresses', () => {
  const local = { table: 'local', type: 'local' }
  const { typeOf } = routingOf({
    rules: [],
    routes: [
      routeOf('192.0.2.20', 'eth0', local),
      routeOf('192.0.2.255', 'eth0', { table: 'local', type: 'broadcast' }),
    ],
  })
  const types = ['192.0.2.20', '192.0.2.255', '192.0.2.21', '224.0.0.1'].map((text) =>
    typeOf('ip', addressOf(text)),
  )
  expect(types).toEqual(['local', 'broadcast', 'unicast', 'multicast'])
})

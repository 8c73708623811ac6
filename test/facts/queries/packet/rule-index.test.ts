import { expect, test } from 'vitest'
import { type Arrival, packetOf } from '../../../../src/facts/queries/packet/follow.ts'
import { matches } from '../../../../src/facts/queries/packet/match.ts'
import type { Rule } from '../../../../src/facts/queries/packet/model.ts'
import type { Packet } from '../../../../src/facts/queries/packet/packet.ts'
import { ruleIndex } from '../../../../src/facts/queries/packet/rule-index.ts'
import { savedRuleSet } from '../../../packets/iptables-rules.ts'
import { nftRuleSet } from '../../../packets/nft-rules.ts'
import { type Random, randomOf } from '../../../packets/random.ts'
import { addressOf, hostWith } from '../../../support/packet-host.ts'

const random = randomOf(20_261_130)
const hosts = Array.from({ length: 60 }, () => hostWith([savedRuleSet(random), nftRuleSet(random)]))
const rules = hosts.flatMap(({ filter }) =>
  [...new Set(filter.bases.map(({ table }) => table))].flatMap(({ chains }) =>
    [...chains.values()].flatMap((chain) => chain.rules()),
  ),
)
const [host = hostWith([])] = hosts

const interfaces = ['bra', 'brb', 'up0', 'eth0', 'v1', null, 'unknown']
const pickInterface = (one: Random) => {
  const name = one.pick(interfaces)
  return name === 'unknown' ? undefined : name
}
const addresses = [
  '172.31.1.2',
  '172.31.1.3',
  '172.31.2.9',
  '203.0.113.1',
  '10.99.0.2',
  '10.0.0.7',
  '9.9.9.9',
]

function packetFrom(one: Random): Packet {
  const arrival: Arrival = {
    ...{ family: 'ip', device: 'bra', tcpFlags: 2n, protocol: one.pick([6n, 17n]) },
    ...{ saddr: addressOf(one.pick(addresses)), daddr: addressOf(one.pick(addresses)) },
    ...{ sport: one.pick([80n, 443n, 40_000n]), dport: one.pick([22n, 53n, 80n, 443n, 8080n]) },
  }
  return { ...packetOf(host, arrival), iif: pickInterface(one), oif: pickInterface(one) }
}

/** Whether a rule may do anything to a packet: no match that comes before its first effect fails. */
function mayMatch({ steps }: Rule, packet: Packet): boolean {
  for (const step of steps) {
    if (step.kind === 'match' && matches(packet, step) === 'no') return false
    if (step.kind !== 'match' && step.kind !== 'unknown') return true
  }
  return true
}

/** The index is made once several packets have been followed. */
const warm = (find: (packet: Packet) => unknown, packet: Packet): void => {
  for (let at = 0; at < 20; at += 1) find(packet)
}

test('no rule that may match a packet is left out, and most others are', () => {
  const find = ruleIndex(rules)
  warm(find, packetFrom(random))
  let [found, left] = [0, 0]
  for (let at = 0; at < 300; at += 1) {
    const packet = packetFrom(random)
    const those = find(packet)
    const set = new Set(those)
    expect(rules.filter((rule) => mayMatch(rule, packet) && !set.has(rule))).toEqual([])
    expect(those).toEqual(rules.filter((rule) => set.has(rule)))
    if (packet.iif === undefined || packet.oif === undefined) continue
    found += rules.filter((rule) => set.has(rule) && mayMatch(rule, packet)).length
    left += rules.filter((rule) => !set.has(rule)).length
  }
  expect(found).toBeGreaterThan(1000)
  expect(left).toBeGreaterThan(found)
})

test.each([
  ['a match that comes after an effect', 'meta mark set 1 ip saddr 192.0.2.7 accept', '172.31.1.2', true],
  ['a set of which one fits', 'ip saddr { 192.0.2.7, 198.51.100.0/24 } accept', '198.51.100.9', true],
  ['a set of which none fits', 'ip saddr { 192.0.2.7, 198.51.100.0/24 } accept', '203.0.113.9', false],
  ['a range that is not a network', 'ip saddr 192.0.2.7-192.0.2.9 accept', '203.0.113.9', true],
  ['a match that is negated', 'ip saddr != 192.0.2.7 accept', '192.0.2.7', true],
])('%s', (_sentence, rule, source, isFound) => {
  const fillers = Array.from({ length: 40 }, (_, at) => `ip saddr 10.0.0.${at} drop`)
  const table = (all: string[]) =>
    `table ip t {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy accept;\n\t\t${all.join('\n\t\t')}\n\t}\n}\n`
  const { filter, ...rest } = hostWith(table([...fillers, rule]))
  const chain = filter.bases[0]?.chain
  const packet = packetOf(
    { filter, ...rest },
    {
      ...{
        family: 'ip',
        device: 'docker0',
        daddr: addressOf('9.9.9.9'),
        tcpFlags: 2n,
        sport: 1n,
        dport: 443n,
      },
      saddr: addressOf(source),
    },
  )
  if (!chain) throw new Error('there is no chain')
  warm(chain.rulesFor, packet)
  expect(chain.rulesFor(packet).map(({ text }) => text)).toEqual(isFound ? [rule] : [])
})

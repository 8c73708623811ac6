import { expect, test } from 'vitest'
import check from '../../../../src/checks/runner/container-no-egress.ts'
import { packetOf } from '../../../../src/facts/queries/packet/follow.ts'
import { packetHost } from '../../../../src/facts/queries/packet/host.ts'
import { walkBase } from '../../../../src/facts/queries/packet/walk.ts'
import type { RulesFact } from '../../../../src/facts/runner.ts'
import { parseIpsets } from '../../../../src/observe/runner/host/ipsets.ts'
import { recorded } from '../../../observe/runner/host/recorded.ts'
import { addressOf, tablesIn } from '../../../support/packet-host.ts'
import { areaIn, chainIn, networkOf, runnerFaultsOf, withNetworks } from '../../../support/runner-facts.ts'

const sets = parseIpsets(recorded('ipset.save'))

/** What a rule that drops does with a packet of TCP from 172.17.0.2 at docker0 to 203.0.113.7, port 80. */
function verdictOf(match: string, change: object = {}) {
  const host = packetHost({
    links: [],
    tables: tablesIn(`*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${match} -j DROP\nCOMMIT\n`),
    ipsets: { sets },
    routing: { rules: [], routes: [], sysctls: {}, truncated: false },
  })
  const [base] = host.filter.bases
  if (!base) throw new Error('there is no chain')
  const packet = packetOf(host, {
    ...{ family: 'ip', device: 'docker0', protocol: 6n, tcpFlags: 2n, sport: 40_000n, dport: 80n },
    ...{ saddr: addressOf('172.17.0.2'), daddr: addressOf('203.0.113.7') },
  })
  return walkBase(base, { ...packet, oif: 'eth0', ...change }).verdict
}

const from = (address: string) => ({ saddr: addressOf(address) })

test.each<[match: string, change: object, verdict: 'drop' | 'accept' | 'unknown']>([
  ['crowdsec-blacklists src', {}, 'accept'],
  ['crowdsec-blacklists dst', {}, 'drop'],
  ['crowdsec-blacklists src', from('203.0.113.7'), 'drop'],
  ['nets src', {}, 'accept'],
  ['nets src', from('10.9.9.9'), 'drop'],
  ['web src,dst', {}, 'drop'],
  ['web src,dst', { dport: 81n }, 'accept'],
  ['web src,dst', { protocol: 17n }, 'accept'],
  ['web src,dst', { protocol: 17n, dport: 53n }, 'drop'],
  ['web src,dst', from('172.17.0.3'), 'drop'],
  // Of a set of two parts, one flag matches nothing.
  ['web src', {}, 'accept'],
  ['netport src,dst', {}, 'accept'],
  ['netport src,dst', { dport: 443n }, 'drop'],
  ['netif src,src', {}, 'drop'],
  ['netif src,src', { iif: 'br-1' }, 'accept'],
  ['netif src,src', { iif: 'br-1', ...from('10.0.0.9') }, 'drop'],
  // That of a port of a bridge is not evaluated.
  ['netif src,src', { iif: 'br-1', ...from('10.9.9.9') }, 'unknown'],
  ['netif src,dst', { oif: 'docker0' }, 'drop'],
  ['ports dst', {}, 'drop'],
  ['ports src', {}, 'accept'],
  ['bits src', from('192.168.0.7'), 'drop'],
  ['bits src', from('192.168.0.8'), 'accept'],
  ['coarse src', from('198.51.100.77'), 'drop'],
  ['coarse src', from('198.51.101.77'), 'accept'],
  ['ipn src,dst,dst', {}, 'drop'],
  ['ipn src,dst,dst', { daddr: addressOf('203.0.114.1') }, 'accept'],
  ['six src', {}, 'accept'],
  // What is not evaluated.
  ['holes src', {}, 'unknown'],
  ['group src', {}, 'unknown'],
  ['gone src', {}, 'unknown'],
  ['nets src ! --update-counters', from('10.9.9.9'), 'drop'],
  ['nets src --packets-gt 5', from('10.9.9.9'), 'unknown'],
])('--match-set %s', (match, change, verdict) => {
  expect(verdictOf(`-m set --match-set ${match}`, change)).toBe(verdict)
  const opposite = { drop: 'accept', accept: 'drop', unknown: 'unknown' }[verdict]
  expect(verdictOf(`-m set ! --match-set ${match}`, change)).toBe(opposite)
})

const bridge = (ipsets: RulesFact['ipsets'], ...rules: string[]) =>
  runnerFaultsOf(check, (runner) => {
    withNetworks(networkOf('ci', 20))(runner)
    chainIn(runner, 'filter', 'FORWARD').rules.unshift(...rules)
    Object.assign(areaIn(runner, 'rules'), { ipsets })
  })

test('a list of banned addresses is no reason for a finding', () => {
  const ban = '-m set --match-set crowdsec-blacklists src -j DROP'
  expect(bridge({ sets }, ban)).toEqual([])
})

test.each<[why: string, set: string, ipsets: RulesFact['ipsets']]>([
  ['not read, ipset is not installed', 'nets', { sets: [], unread: 'ipset is not installed' }],
  ['sets of the type list:set are not evaluated', 'group', { sets }],
  ['sets with exceptions (nomatch) are not evaluated', 'holes', { sets }],
  ['too large to be read as a whole', 'nets', { sets: sets.map((one) => ({ ...one, incomplete: true })) }],
])('the finding says why it cannot tell: %s', (why, set, ipsets) => {
  const faults = bridge(ipsets, `-m set ! --match-set ${set} src -j DROP`)
  expect(faults[0]).toMatchObject({ severity: 'note' })
  expect(faults[0]?.evidence).toContain(`set ${set}: ${why}`)
})

test('rules that let guests out to the addresses of a set limit their egress', () => {
  const allowed = { name: 'allowed', type: 'hash:net', family: 'ip' as const, elements: ['140.82.112.0/20'] }
  const faults = bridge({ sets: [allowed] }, '-m set --match-set allowed dst -j ACCEPT', '-j REJECT')
  expect(faults[0]).toMatchObject({ severity: 'warning', title: expect.stringMatching(/^Egress limited: /) })
})

test('a set of 50,000 addresses, named by 100 rules, is followed in less than 2 s', () => {
  const elements = Array.from({ length: 50_000 }, (_, at) => `11.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
  const large = { name: 'large', type: 'hash:ip', family: 'ip' as const, elements }
  const rules = Array.from({ length: 100 }, () => '-m set --match-set large src -j DROP')
  const started = process.cpuUsage()
  expect(bridge({ sets: [large] }, ...rules)).toEqual([])
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1000).toBeLessThan(2000)
})

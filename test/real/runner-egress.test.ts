import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import containerNoEgress from '../../src/checks/runner/container-no-egress.ts'
import type { Area } from '../../src/core/observed.ts'
import type { RoutesFact, RunnerFact } from '../../src/facts/runner.ts'
import { observeLinks } from '../../src/observe/runner/host/links.ts'
import { readRules } from '../../src/observe/runner/host/read-rules.ts'
import { observeRoutes } from '../../src/observe/runner/host/routes.ts'
import { commandsOfAdvice } from '../advice/commands.ts'
import { type Laboratory, plan, startLaboratory } from '../packets/laboratory.ts'
import { accessOf } from '../packets/namespace-agent.ts'
import type { Reported } from '../support/facts.ts'
import { suiteNeeds } from '../support/need.ts'
import { faultsIn, healthyRunner, networkOf, rulesOf, seenArea } from '../support/runner-facts.ts'

const { bridges, addresses, addresses6, uplink } = plan
const network = networkOf('ci', 31, {
  bridge: bridges.first,
  subnets: ['172.31.1.0/24', 'fd00:31:1::/64'],
  gateways: [addresses.first, addresses6.first],
  addresses: [addresses.one, addresses.two, addresses6.one],
  masquerade: false,
  // Two containers are at its bridge.
  endpoints: 2,
})

/** The namespaces have the resolv.conf of this machine. */
function withResolver(routes: Area<RoutesFact>): Area<RoutesFact> {
  return routes.seen ? { ...routes, value: { ...routes.value, resolvers: [addresses.internet] } } : routes
}

suiteNeeds(['ip', 'nft', 'iptables-nft', 'iptables-legacy', 'nsenter', 'sysctl'])(
  'containers without egress, with packets as judge',
  () => {
    let laboratory: Laboratory
    let port = 20_000

    beforeEach(async () => {
      laboratory = await startLaboratory()
      await onHost('sysctl -q -w net.ipv4.ip_forward=1')
      await onHost('sysctl -q -w net.ipv6.conf.all.forwarding=1')
    }, 60_000)
    afterEach(() => laboratory.stop())

    const onHost = (line: string) => {
      const [program = '', ...args] = line.split(' ')
      return laboratory.onHost(program, args)
    }

    async function faults(): Promise<Reported[]> {
      const access = accessOf(laboratory.agents.host)
      const here = { procNet: '/proc/net', isOwn: true }
      const links = await observeLinks(access, here)
      const names = links.seen ? links.value.map(({ name }) => name) : []
      const { tables, unread } = await readRules(access)
      const runner: RunnerFact = {
        ...healthyRunner(),
        networks: seenArea([network]),
        links,
        rules: seenArea(rulesOf(tables, { unread })),
        routes: withResolver(await observeRoutes(access, here, names)),
        daemons: [{ command: 'dockerd', snap: false, writesRules: true, resolvers: [] }],
      }
      // The second bridge is that of another program.
      return faultsIn(containerNoEgress, runner).filter(({ subject }) => subject === 'ci')
    }

    async function reached(kind: 'connect' | 'send', host: string, to: number): Promise<boolean> {
      port += 1
      const result = await laboratory.agents.one.ask<string>({ kind, host, port: to, from: port, ms: 1500 })
      return result === 'connected' || result === 'answered'
    }

    const getsOut = () => reached('connect', addresses.internet, 443)
    const getsOutBy6 = () => reached('connect', addresses6.internet, 443)
    const asksResolver = () => reached('send', addresses.internet, plan.resolver)

    test('a healthy host has none', async () => {
      for (const way of [getsOut, getsOutBy6, asksResolver]) expect(await way()).toBe(true)
      expect(await faults()).toEqual([])
    })

    describe.each<[name: string, breaking: string[], evidence: RegExp, way?: () => Promise<boolean>]>([
      [
        'a rule that rejects (iptables-nft)',
        ['iptables-nft -I FORWARD -j REJECT --reject-with icmp-host-prohibited'],
        /-A FORWARD -j REJECT --reject-with icmp-host-prohibited/,
      ],
      [
        'a rule that rejects, behind others for networks of other programs and for multicast',
        [
          'iptables-nft -A FORWARD -d 192.168.122.0/24 -j ACCEPT',
          `iptables-nft -A FORWARD -d 10.8.0.0/16 -o ${uplink} -j ACCEPT`,
          `iptables-nft -A FORWARD -i ${bridges.first} -d 224.0.0.0/4 -j ACCEPT`,
          'iptables-nft -A FORWARD -j REJECT --reject-with icmp-port-unreachable',
        ],
        /-A FORWARD -j REJECT --reject-with icmp-port-unreachable/,
      ],
      ['a policy (iptables-legacy)', ['iptables-legacy -P FORWARD DROP'], /policy drop of chain FORWARD/],
      [
        'a base chain of nft',
        [
          'nft add table inet guard',
          'nft add chain inet guard crossing { type filter hook forward priority 10 ; policy drop ; }',
        ],
        /nft table inet guard, chain crossing/,
      ],
      [
        'a base chain of nft in a table of iptables',
        [
          'iptables-nft -A FORWARD -j ACCEPT',
          'nft add chain ip filter guard { type filter hook forward priority 5 ; policy drop ; }',
        ],
        /nft table ip filter, chain guard/,
      ],
      ['forwarding that is off', ['sysctl -q -w net.ipv4.ip_forward=0'], /net.ipv4.ip_forward = 0/],
      [
        'a route of a VPN in a policy table',
        [
          `ip route add 172.16.0.0/12 dev ${uplink} table 52`,
          'ip rule add lookup 52 priority 5270',
          'sysctl -q -w net.ipv4.conf.all.rp_filter=0',
        ],
        /rule 5270: from all lookup 52/,
      ],
      [
        'a rule that drops questions to the resolver',
        ['iptables-nft -I FORWARD -p udp --dport 53 -j DROP'],
        /-A FORWARD -p udp -m udp --dport 53 -j DROP/,
        asksResolver,
      ],
      [
        'a rule of IPv6 that rejects',
        ['ip6tables-nft -I FORWARD -j REJECT --reject-with icmp6-adm-prohibited'],
        /ip6tables-nft table filter, chain FORWARD/,
        getsOutBy6,
      ],
      [
        'forwarding of IPv6 that is off',
        ['sysctl -q -w net.ipv6.conf.all.forwarding=0'],
        /net.ipv6.conf.all.forwarding = 0/,
        getsOutBy6,
      ],
      [
        'a route of a VPN in a policy table of IPv6',
        [`ip -6 route add fd00::/8 dev ${uplink} table 52`, 'ip -6 rule add lookup 52 priority 5270'],
        /rule 5270: from all lookup 52/,
        getsOutBy6,
      ],
      ['a link of a container that is down', [`ip link set ${plan.ports.one} down`], /^$/],
      ['a bridge that is down', [`ip link set ${bridges.first} down`], /^$/],
      ['a bridge without its address', [`ip address flush dev ${bridges.first}`], /^$/],
    ])('%s', (_name, breaking, evidence, way = getsOut) => {
      test('is named, and its advice lets packets through', { timeout: 60_000 }, async () => {
        for (const line of breaking) await onHost(line)
        expect(await way()).toBe(false)
        const [fault, ...more] = await faults()
        // A bridge that loses its address, or was down, loses that of IPv6 as well.
        expect(more.filter(({ message }) => !message?.includes(addresses6.first))).toEqual([])
        expect(fault?.severity).toBe(way === getsOutBy6 ? 'warning' : 'error')
        expect(fault?.evidence?.join('\n') ?? '').toMatch(evidence)
        for (const command of commandsOfAdvice(fault?.advice ?? '')) await onHost(command)
        expect(await way()).toBe(true)
        for (const { advice = '' } of await faults())
          for (const command of commandsOfAdvice(advice)) await onHost(command)
        expect(await faults()).toEqual([])
      })
    })
  },
)

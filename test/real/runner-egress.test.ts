import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import containerNoEgress from '../../src/checks/runner/container-no-egress.ts'
import type { RunnerFact } from '../../src/facts/runner.ts'
import { observeLinks } from '../../src/observe/runner/host/links.ts'
import { readRules } from '../../src/observe/runner/host/read-rules.ts'
import { observeRoutes } from '../../src/observe/runner/host/routes.ts'
import { commandsOfAdvice } from '../advice/commands.ts'
import { type Laboratory, plan, startLaboratory } from '../packets/laboratory.ts'
import { accessOf } from '../packets/namespace-agent.ts'
import type { Reported } from '../support/facts.ts'
import { suiteNeeds } from '../support/need.ts'
import { faultsIn, healthyRunner, networkOf, rulesOf, seenArea } from '../support/runner-facts.ts'

const { bridges, addresses, uplink } = plan
const network = networkOf('ci', 31, {
  bridge: bridges.first,
  subnets: ['172.31.1.0/24'],
  gateways: [addresses.first],
  addresses: [addresses.one],
  masquerade: false,
})

suiteNeeds(['ip', 'nft', 'iptables-nft', 'iptables-legacy', 'nsenter', 'sysctl'])(
  'containers without egress, with packets as judge',
  () => {
    let laboratory: Laboratory
    let port = 20_000

    beforeEach(async () => {
      laboratory = await startLaboratory()
      await onHost('sysctl -q -w net.ipv4.ip_forward=1')
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
        routes: await observeRoutes(access, here, names),
      }
      // The second bridge is that of another program.
      return faultsIn(containerNoEgress, runner).filter(({ subject }) => subject === 'ci')
    }

    async function getsOut(): Promise<boolean> {
      port += 1
      const result = await laboratory.agents.one.ask<string>({
        ...{ kind: 'connect', host: addresses.internet, port: 443, from: port, ms: 1500 },
      })
      return result === 'connected'
    }

    test('a healthy host has none', async () => {
      expect(await getsOut()).toBe(true)
      expect(await faults()).toEqual([])
    })

    describe.each<[name: string, breaking: string[], evidence: RegExp]>([
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
      ['a bridge that is down', [`ip link set ${bridges.first} down`], /^$/],
      ['a bridge without its address', [`ip address flush dev ${bridges.first}`], /^$/],
    ])('%s', (_name, breaking, evidence) => {
      test('is named, and its advice lets packets through', { timeout: 60_000 }, async () => {
        for (const line of breaking) await onHost(line)
        expect(await getsOut()).toBe(false)
        const [fault, ...more] = await faults()
        expect(more).toEqual([])
        expect(fault?.severity).toBe('error')
        expect(fault?.evidence?.join('\n') ?? '').toMatch(evidence)
        for (const command of commandsOfAdvice(fault?.advice ?? '')) await onHost(command)
        expect(await getsOut()).toBe(true)
        expect(await faults()).toEqual([])
      })
    })
  },
)

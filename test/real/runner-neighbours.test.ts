import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import apart from '../../src/checks/runner/containers-cannot-reach-each-other.ts'
import together from '../../src/checks/runner/icc-not-enforced.ts'
import type { NetworkFact, RunnerFact } from '../../src/facts/runner.ts'
import { observeLinks } from '../../src/observe/runner/host/links.ts'
import { readRules } from '../../src/observe/runner/host/read-rules.ts'
import { observeRoutes } from '../../src/observe/runner/host/routes.ts'
import { commandsOfAdvice } from '../advice/commands.ts'
import { type Laboratory, plan, startLaboratory } from '../packets/laboratory.ts'
import { accessOf } from '../packets/namespace-agent.ts'
import { load } from '../packets/rule-set.ts'
import { suiteNeeds } from '../support/need.ts'
import { faultsIn, healthyRunner, networkOf, rulesOf, seenArea } from '../support/runner-facts.ts'

const { bridges, addresses } = plan
const network = networkOf('ci', 31, {
  bridge: bridges.first,
  subnets: ['172.31.1.0/24'],
  gateways: [addresses.first],
  addresses: [addresses.one, addresses.two],
})
const filtered = 'net.bridge.bridge-nf-call-iptables'
const set = {
  seed: 0,
  kind: 'nft',
  loads: [],
  routes: [],
  sysctls: { 'net.ipv4.ip_forward': '1', [filtered]: '1' },
} as const

suiteNeeds(['ip', 'nft', 'iptables-nft', 'iptables-legacy', 'iptables-legacy-restore', 'nsenter', 'sysctl'])(
  'containers of one network, with packets as judge',
  () => {
    let laboratory: Laboratory
    let port = 30_000
    beforeAll(async () => {
      laboratory = await startLaboratory()
    }, 60_000)
    afterAll(() => laboratory.stop())
    beforeEach(async () => {
      expect(await load(laboratory, { ...set, loads: [], routes: [] })).toBe(true)
      await onHost('nft delete table inet judge')
    })
    const onHost = (line: string) => {
      const [program = '', ...args] = line.split(' ')
      return laboratory.onHost(program, args)
    }

    async function faults(check: typeof apart, change: Partial<NetworkFact> = {}) {
      const access = accessOf(laboratory.agents.host)
      const here = { procNet: '/proc/net', isOwn: true }
      const links = await observeLinks(access, here)
      const names = links.seen ? links.value.map(({ name }) => name) : []
      const { tables, unread } = await readRules(access)
      const runner: RunnerFact = {
        ...healthyRunner(),
        networks: seenArea([{ ...network, ...change }]),
        ...{ links, rules: seenArea(rulesOf(tables, { unread })) },
        routes: await observeRoutes(access, here, names),
      }
      return faultsIn(check, runner)
    }

    async function reached(): Promise<boolean> {
      port += 1
      const result = await laboratory.agents.one.ask<string>({
        ...{ kind: 'connect', host: addresses.two, port: 80, from: port, ms: 1500 },
      })
      return result === 'connected'
    }

    describe.each<[name: string, breaking: string[], evidence: string]>([
      ['a policy (iptables-legacy)', ['iptables-legacy -P FORWARD DROP'], 'policy drop of chain FORWARD'],
      [
        'a rule that rejects (iptables-nft)',
        ['iptables-nft -A FORWARD -j REJECT'],
        '-A FORWARD -j REJECT --reject-with icmp-port-unreachable',
      ],
      [
        'a base chain of nft',
        [
          'nft add table inet guard',
          'nft add chain inet guard f { type filter hook forward priority 10 ; policy drop ; }',
        ],
        'policy drop of chain f',
      ],
      [
        'a rule of the bridge',
        [
          'nft add table bridge guard',
          'nft add chain bridge guard f { type filter hook forward priority 0 ; policy accept ; }',
          'nft add rule bridge guard f ether type ip drop',
          `sysctl -q -w ${filtered}=0`,
        ],
        'ether type ip drop',
      ],
    ])('%s', (_name, breaking, evidence) => {
      test('is named, and its advice lets packets through', { timeout: 30_000 }, async () => {
        expect([await reached(), await faults(apart)]).toEqual([true, []])
        for (const line of breaking) await onHost(line)
        expect(await reached()).toBe(false)
        const [fault, ...more] = await faults(apart)
        expect(more).toEqual([])
        expect(fault).toMatchObject({
          subject: 'ci',
          severity: 'error',
          evidence: expect.arrayContaining([evidence]),
        })
        for (const command of commandsOfAdvice(fault?.advice ?? '')) await onHost(command)
        expect([await reached(), await faults(apart)]).toEqual([true, []])
      })
    })

    test('what enable_icc=false drops is not reported, unless br_netfilter is off', {
      timeout: 30_000,
    }, async () => {
      const icc = { icc: false } as const
      await onHost(`iptables-nft -A FORWARD -i ${bridges.first} -o ${bridges.first} -j DROP`)
      expect(await reached()).toBe(false)
      expect([await faults(apart, icc), await faults(together, icc)]).toEqual([[], []])
      await onHost(`sysctl -q -w ${filtered}=0`)
      expect(await reached()).toBe(true)
      expect(await faults(apart, icc)).toEqual([])
      expect(await faults(together, icc)).toMatchObject([{ subject: 'ci', severity: 'warning' }])
    })
  },
)

import { expect, test } from 'vitest'
import type { VantageFact } from '../../../src/facts/runner.ts'
import { observeEgress } from '../../../src/observe/runner/egress.ts'
import { healthyFacts, hostIn } from '../../support/facts.ts'
import { type FakeMachine, fakeHostAccess } from '../../support/fake-host-access.ts'
import { healthyRunner } from '../../support/runner-facts.ts'

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const ownNetwork = 'eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n'
const defaultRoute = 'eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
const files = {
  '/proc/net/route': `${head}${defaultRoute}${ownNetwork}`,
  '/proc/net/fib_trie': '  |-- 127.0.0.1\n     /32 host LOCAL\n  |-- 172.17.0.2\n     /32 host LOCAL\n',
  '/sys/class/net/eth0/mtu': '1500\n',
}
const own = { device: 'eth0', gateway: '172.17.0.1', mtu: 1500, addresses: ['172.17.0.2'] }
const pingOf = (address: string, line: string) =>
  `PING ${address} (${address}) 56(84) bytes of data.\n${line}\n--- ${address} ping statistics ---\n`
const gatewayReply = pingOf('172.17.0.1', '64 bytes from 172.17.0.1: icmp_seq=1 ttl=64 time=0.05 ms')

interface Case {
  /** What a program `ping` prints that sends packets with one hop left. */
  hop?: NonNullable<FakeMachine['programs']>[string]
  machine?: FakeMachine
  contacted?: string[]
  vantage?: Partial<VantageFact>
}

async function observed({ hop = '', machine = {}, contacted = [], vantage = {} }: Case) {
  const access = fakeHostAccess({
    files,
    programs: { 'ping -n -c 1 -i 1 -w 3 -t 1 9.9.9.9': hop, ping: gatewayReply },
    ...machine,
  })
  const where = { ...healthyRunner().vantage, namespace: 'container' as const, container: 'docker' as const }
  const hosts = contacted.length > 0 ? [{ ...hostIn(healthyFacts()), addresses: contacted }] : []
  const fact = await observeEgress(access, { vantage: { ...where, ...vantage } }, { hosts, log: [] })
  return { fact, ran: access.ran }
}

test('a run that reached a host beyond: what the container has, and no packet', async () => {
  const { fact, ran } = await observed({ contacted: ['192.0.2.10'] })
  expect(fact).toEqual({ ...own, reached: true })
  expect(ran).toEqual([])
})

test('a run whose requests went through a proxy: no packet', async () => {
  const access = fakeHostAccess({ files })
  const vantage = {
    ...healthyRunner().vantage,
    namespace: 'container' as const,
    container: 'docker' as const,
  }
  const host = { ...hostIn(healthyFacts()), addresses: [], proxy: 'proxy.example.com:3128' }
  expect(await observeEgress(access, { vantage }, { hosts: [host], log: [] })).toEqual({
    ...own,
    reached: true,
  })
  expect(access.ran).toEqual([])
})

test.each([
  ['its gateway', '172.17.0.1'],
  ['a container of its own network', '172.17.0.9'],
  ['itself', '127.0.0.1'],
])('%s is not beyond', async (_sentence, address) => {
  expect((await observed({ contacted: [address] })).fact?.reached).toBe(false)
})

// Output of iputils 20221126.
test.each([
  ['forwards', 'From 172.17.0.1 icmp_seq=1 Time to live exceeded'],
  ['no route', 'From 172.17.0.1 icmp_seq=1 Destination Net Unreachable'],
  ['no route', 'From 172.17.0.1 icmp_seq=1 Packet filtered'],
  ['silent', ''],
  // From this container itself: its gateway does not answer ARP.
  ['silent', 'From 172.17.0.2 icmp_seq=1 Destination Host Unreachable'],
])('%s: “%s”', async (hop, line) => {
  const stdout = pingOf('9.9.9.9', line)
  expect((await observed({ hop: { exitCode: 1, stdout } })).fact).toEqual({
    ...{ ...own, hop, reached: false, gatewayAnswers: true, silentHosts: [], silentResolvers: [] },
  })
})

test('a network in user space, which does not count hops', async () => {
  const stdout = pingOf('9.9.9.9', '64 bytes from 9.9.9.9: icmp_seq=1 ttl=255 time=9.1 ms')
  expect((await observed({ hop: stdout })).fact).toMatchObject({ reached: true })
})

test.each<[string, Case['hop']]>([
  ['BusyBox, which prints no ICMP error', { exitCode: 1, stdout: 'PING 9.9.9.9 (9.9.9.9): 56 data bytes\n' }],
  ['no such program', { state: 'missing' }],
  ['not permitted', { exitCode: 2, stderr: 'ping: socktype: SOCK_RAW\n' }],
])('%s: not possible', async (_sentence, hop) => {
  expect((await observed({ ...(hop === undefined ? {} : { hop }) })).fact).toMatchObject({
    hop: 'not possible',
  })
})

test.each<[string, Case]>([
  ['outside a container', { vantage: { namespace: 'initial', container: 'none' } }],
  ['on the host network', { vantage: { namespace: 'daemon' } }],
  ['in an internal network', { machine: { files: { ...files, '/proc/net/route': `${head}${ownNetwork}` } } }],
  ['without a network', { machine: { files: { '/proc/net/route': head } } }],
])('%s: nothing', async (_sentence, given) => {
  expect(await observed(given)).toEqual({ fact: undefined, ran: [] })
})

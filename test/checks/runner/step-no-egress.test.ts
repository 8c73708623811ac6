import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/step-no-egress.ts'
import type { EgressFact } from '../../../src/facts/runner.ts'
import {
  areaIn,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  unseenArea,
} from '../../support/runner-facts.ts'

/** A container whose packets get nowhere: its host is silent about them, and answers pings. */
const stuck: EgressFact = {
  ...{ device: 'eth0', gateway: '172.17.0.1', mtu: 1500, addresses: ['172.17.0.2'], reached: false },
  ...{ hop: 'silent', gatewayAnswers: true, silentHosts: [], silentResolvers: [] },
}

const withEgress =
  (change: Partial<EgressFact>): RunnerChange =>
  (runner) => {
    runner.egress = { ...stuck, ...change }
    runner.rules = unseenArea()
  }

test('a host that does not forward, as a registry and a resolver show: an error', () => {
  const change = withEgress({ silentHosts: ['registry.example.com'], silentResolvers: ['192.0.2.53'] })
  expect(runnerFaultsOf(check, change)).toMatchObject([
    {
      severity: 'error',
      subject: 'egress',
      message: 'the host at 172.17.0.1 answers pings, and does not forward packets of this container',
      advice: expect.stringContaining('sysctl -w net.ipv4.ip_forward=1'),
      evidence: [
        'default route by eth0 (MTU 1500) to 172.17.0.1, from 172.17.0.2',
        '172.17.0.1 answers pings',
        'no answer from registry.example.com, resolver 192.0.2.53',
      ],
      explains: ['registry.example.com'],
    },
  ])
})

test('the silence about a packet with one hop left alone is a warning', () => {
  expect(runnerFaultsOf(check, withEgress({}))).toMatchObject([{ severity: 'warning' }])
})

test('a host without a route, where a request of the run needed one', () => {
  const change = withEgress({ hop: 'no route', silentHosts: ['registry.example.com'] })
  expect(runnerFaultsOf(check, change)).toMatchObject([
    {
      severity: 'error',
      message: expect.stringContaining('has no route'),
      advice: expect.stringContaining('ip route get'),
    },
  ])
})

test.each<[string, Partial<EgressFact>, string]>([
  [
    'a host that forwards',
    { hop: 'forwards' },
    'the host at 172.17.0.1 forwards, and nothing beyond it answers',
  ],
  [
    'a gateway that is silent as well',
    { gatewayAnswers: false },
    'nothing beyond the gateway 172.17.0.1 answers',
  ],
  ['no program to ask with', { hop: 'not possible' }, 'nothing beyond the gateway 172.17.0.1 answers'],
])('%s, and unrelated hosts that are silent: the plain fact', (_sentence, change, message) => {
  const hosts = ['registry.example.com', 'ghcr.io']
  expect(runnerFaultsOf(check, withEgress({ ...change, silentHosts: hosts }))).toMatchObject([
    { severity: 'error', message },
  ])
  expect(check.advice).toContain('host_snapshot: true')
})

test('where the host was inspected as well, what is not followed there is named', () => {
  const hosts = { silentHosts: ['registry.example.com', 'ghcr.io'] }
  const inspected =
    (change: Partial<EgressFact>, truncated = false): RunnerChange =>
    (runner) => {
      runner.egress = { ...stuck, ...hosts, ...change }
      areaIn(runner, 'rules').truncated = truncated
    }
  const adviceOf = (change: RunnerChange) => runnerFaultsOf(check, change)[0]?.advice
  const named = /does not inspect: neighbour entries .*, rules of ebtables-legacy, eBPF programs and tc\./
  expect(adviceOf(inspected({}))).toMatch(named)
  expect(adviceOf(inspected({ hop: 'forwards' }))).toMatch(named)
  expect(adviceOf(inspected({ hop: 'no route' }))).toContain('Restore its default route')
  expect(adviceOf(inspected({}, true))).not.toMatch(named)
})

test.each<QuietRunner>([
  ['a run that reached another host', withEgress({ reached: true })],
  ['no default route, or no container', () => {}],
  ['one registry that is down', withEgress({ hop: 'forwards', silentHosts: ['registry.example.com'] })],
  [
    'two hosts of one domain',
    withEgress({ hop: 'forwards', silentHosts: ['registry.example.com', 'auth.example.com'] }),
  ],
  ['a host without Internet, where nothing needed it', withEgress({ hop: 'no route' })],
  ['a gateway that answers nothing, where nothing was asked for', withEgress({ gatewayAnswers: false })],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

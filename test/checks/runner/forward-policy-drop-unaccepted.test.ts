import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/forward-policy-drop-unaccepted.ts'
import {
  allOf,
  areaIn,
  chainIn,
  linkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withLink,
  without,
  withRules,
} from '../../support/runner-facts.ts'

const bridge = (name: string, address: string) =>
  withLink(linkOf(name, 80, { kind: 'bridge', addresses: [address] }))
const pods = bridge('cni0', '10.42.0.1/24')
const machines = bridge('virbr0', '192.168.122.1/24')
const containers = bridge('podman0', '10.88.0.1/16')
/** A chain that FORWARD jumps to. */
const chain = (name: string, ...rules: string[]): RunnerChange =>
  allOf(withRules('filter', 'FORWARD', `-j ${name}`), withRules('filter', name, ...rules))

test('pods whose packets no rule accepts are cut off by Docker’s policy', () => {
  const faults = runnerFaultsOf(check, pods)
  expect(faults).toMatchObject([
    {
      subject: 'cni0',
      severity: 'error',
      message: 'FORWARD has the policy DROP (iptables-nft), and no rule accepts packets of cni0',
      cause: 'cni0',
    },
  ])
  expect(faults[0]?.evidence?.[0]).toBe('FORWARD -j DOCKER-USER')
})

test('rules for replies, marks and other bridges accept no pod', () => {
  const change = allOf(
    pods,
    chain(
      'KUBE-FORWARD',
      '-m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
      '-m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ),
    withRules('filter', 'FORWARD', '-i wg0 -j ACCEPT', '-s 10.77.0.0/24 -j ACCEPT'),
  )
  expect(runnerFaultsOf(check, change).map(({ subject }) => subject)).toEqual(['cni0'])
})

test('a chain that no rule jumps to accepts nothing', () => {
  const change = allOf(pods, withRules('filter', 'FLANNEL-FWD', '-s 10.42.0.0/16 -j ACCEPT'))
  expect(runnerFaultsOf(check, change)).toHaveLength(1)
})

test.each<QuietRunner>([
  ['a runner with only Docker', () => {}],
  [
    'flannel',
    allOf(
      pods,
      chain(
        'FLANNEL-FWD',
        '-s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
        '-d 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
      ),
    ),
  ],
  [
    'kube-router, which accepts by mark',
    allOf(pods, chain('KUBE-ROUTER-FORWARD', '-m mark --mark 0x20000/0x20000 -j ACCEPT')),
  ],
  [
    'libvirt',
    allOf(
      machines,
      chain(
        'LIBVIRT_FWO',
        '-s 192.168.122.0/24 -i virbr0 -j ACCEPT',
        '-i virbr0 -j REJECT --reject-with icmp-port-unreachable',
      ),
    ),
  ],
  [
    'netavark',
    allOf(
      containers,
      chain(
        'NETAVARK_FORWARD',
        '-d 10.88.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-s 10.88.0.0/16 -j ACCEPT',
      ),
    ),
  ],
  ['an operator, in DOCKER-USER', allOf(machines, withRules('filter', 'DOCKER-USER', '-i virbr0 -j ACCEPT'))],
  [
    'an operator, for all bridges with a prefix',
    allOf(machines, withRules('filter', 'FORWARD', '-i virbr+ -j ACCEPT')),
  ],
  ['an operator, for everything', allOf(machines, withRules('filter', 'FORWARD', '-j ACCEPT'))],
  [
    'a policy that accepts',
    allOf(pods, (runner) => {
      chainIn(runner, 'filter', 'FORWARD').policy = 'ACCEPT'
    }),
  ],
  [
    'a bridge without an attached interface',
    withLink(linkOf('virbr0', 80, { kind: 'bridge', carrier: false, addresses: ['192.168.122.1/24'] })),
  ],
  ['a bridge of which only the name is known', withLink({ name: 'cni0', kind: 'bridge', addresses: [] })],
  ['an operator’s own bridge, which may only switch', withLink(linkOf('br0', 80, { kind: 'bridge' }))],
  [
    'truncated rules',
    allOf(pods, (runner) => {
      areaIn(runner, 'rules').truncated = true
    }),
  ],
  ['rules that were not observed', allOf(pods, without('rules'))],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

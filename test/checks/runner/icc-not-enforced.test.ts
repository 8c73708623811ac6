import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/icc-not-enforced.ts'
import { routingFor } from '../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  linkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withLink,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
/** Two containers in a network with enable_icc=false, as Docker 20.10 writes its rule. */
const apart: RunnerChange = allOf(
  withLink(linkOf('vethsecond', 80, { kind: 'veth', master: bridge })),
  (runner) => {
    const network = areaIn(runner, 'networks').find(({ name }) => name === woodpeckerNetwork)
    if (network) network.icc = false
    const forward = chainIn(runner, 'filter', 'FORWARD')
    forward.rules = forward.rules.map((rule) =>
      rule.replace(`-o ${bridge} -j ACCEPT`, `-o ${bridge} -j DROP`),
    )
  },
)
const withoutNetfilter: RunnerChange = (runner) => {
  const routing = routingFor(areaIn(runner, 'links'))
  routing.sysctls['net.bridge.bridge-nf-call-iptables'] = '0'
  areaIn(runner, 'routes').routing = routing
}

test('without br_netfilter, the rule of enable_icc=false sees nothing', () => {
  expect(runnerFaultsOf(check, allOf(apart, withoutNetfilter))).toMatchObject([
    {
      subject: woodpeckerNetwork,
      severity: 'warning',
      message: `${bridge}: a container reaches the ports of another one`,
      evidence: ['net.bridge.bridge-nf-call-iptables is not 1'],
    },
  ])
})

test('a rule before it accepts the packets', () => {
  const change: RunnerChange = (runner) => {
    chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j ACCEPT')
  }
  expect(runnerFaultsOf(check, allOf(apart, change))).toMatchObject([
    {
      evidence: [expect.anything(), '-A FORWARD -j ACCEPT'],
      advice: expect.stringContaining('Narrow the rule'),
    },
  ])
})

test.each<QuietRunner>([
  ['enable_icc=false that is enforced', apart],
  ['networks that are not meant to be kept apart', withoutNetfilter],
  [
    'Swarm’s own bridge',
    allOf(apart, withoutNetfilter, (runner) => {
      for (const network of areaIn(runner, 'networks'))
        if (network.icc === false) network.name = 'docker_gwbridge'
    }),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-mtu-exceeds-uplink.ts'
import { withSavedRules } from '../../support/neighbours.ts'
import {
  allOf,
  areaIn,
  composeNetwork,
  linkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  unseenArea,
  withLink,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'
import { mtuOfNetworks, withUplink } from '../../support/uplink.ts'

const withVersion =
  (version: string): RunnerChange =>
  (runner) => {
    areaIn(runner, 'engine').version = version
  }

test('networks with more than the uplink are one warning, with the setting', () => {
  expect(runnerFaultsOf(check, allOf(withUplink(1400), withVersion('28.3.3')))).toEqual([
    {
      subject: 'eth0',
      severity: 'warning',
      message: `the uplink eth0 has MTU 1400; 3 networks of Docker have more: bridge, ${composeNetwork}, ${woodpeckerNetwork}`,
      expected: '1400 or less',
      actual: '1500',
      evidence: ['bridge: MTU 1500', `${composeNetwork}: MTU 1500`, `${woodpeckerNetwork}: MTU 1500`],
      advice:
        'In /etc/docker/daemon.json set “"mtu": 1400” (docker0) and “"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "1400"}}” (new networks, as of CI jobs), restart Docker when no job is running, and recreate other networks.',
    },
  ])
})

test('before Docker 24, the setting for other networks has no effect, and a clamp is advised', () => {
  const [fault] = runnerFaultsOf(check, withUplink(1400))
  expect(fault?.advice).toContain('“iptables -t mangle -A FORWARD -p tcp')
  expect(fault?.advice).not.toContain('default-network-opts')
})

test('“mtu” in daemon.json changes docker0 only: the user-defined networks remain', () => {
  const onlyDocker0: RunnerChange = (runner) => {
    for (const network of areaIn(runner, 'networks')) if (network.name === 'bridge') network.mtu = 1400
  }
  const [fault] = runnerFaultsOf(check, allOf(withUplink(1400), onlyDocker0))
  expect(fault?.message).toContain('2 networks of Docker have more')
})

const clamp = (rule: string): RunnerChange =>
  withSavedRules(`*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${rule}\nCOMMIT\n`)

const quiet: QuietRunner[] = [
  ['the uplink has as much', () => {}],
  ['the uplink has more', withUplink(9001)],
  ['every network has the MTU of the uplink', allOf(withUplink(1400), mtuOfNetworks(1400))],
  [
    'the MSS is clamped in both directions',
    allOf(withUplink(1400), clamp('-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu')),
  ],
  [
    'the networks are internal',
    allOf(withUplink(1400), (runner) => {
      for (const network of areaIn(runner, 'networks')) network.internal = true
    }),
  ],
  [
    'the bridges are in the namespace of another engine',
    allOf(withUplink(1400), (runner) => {
      for (const network of areaIn(runner, 'networks')) network.bridge = `inner-${network.name}`
    }),
  ],
  [
    'Podman has defaults of its own',
    allOf(withUplink(1400), (runner) => {
      areaIn(runner, 'engine').flavour = 'podman'
    }),
  ],
  [
    'an interface with less leads elsewhere',
    allOf(withLink(linkOf('wg0', 90, { mtu: 1420 })), (runner) => {
      areaIn(runner, 'routes').routes.unshift({ destination: '10.9.0.0/16', device: 'wg0' })
    }),
  ],
  [
    'there is no default route',
    allOf(withUplink(1400), (runner) => {
      areaIn(runner, 'routes').routes = []
    }),
  ],
  [
    'the links were not read',
    allOf(withUplink(1400), (runner) => {
      runner.links = unseenArea()
    }),
  ],
]

test.each(quiet)('no finding: %s', (_, change, given) => {
  expect(runnerFaultsOf(check, change, given)).toEqual([])
})

test('a clamp in one direction only does not help', () => {
  const oneWay = clamp('-o eth0 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu')
  expect(runnerFaultsOf(check, allOf(withUplink(1400), oneWay))).toHaveLength(1)
})

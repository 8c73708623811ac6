import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-bridge-unusable.ts'
import type { LinkFact } from '../../../src/facts/runner.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  inspectedAt,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withNetworks,
  without,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
const changed =
  (change: Partial<LinkFact>, name = bridge): RunnerChange =>
  (runner) => {
    for (const link of areaIn(runner, 'links')) if (link.name === name) Object.assign(link, change)
  }

test.each<[string, Partial<LinkFact>, string, string]>([
  [
    'without its address',
    { addresses: ['fe80::1/64'] },
    'does not have its address 172.18.0.1/16',
    `“ip address add 172.18.0.1/16 dev ${bridge}”.`,
  ],
  [
    'with another address of its subnet',
    { addresses: ['172.18.0.254/16'] },
    'does not have its address 172.18.0.1/16',
    `“ip address add 172.18.0.1/16 dev ${bridge}”.`,
  ],
  ['down', { up: false }, 'is down', `“ip link set ${bridge} up”.`],
  [
    'down and without any address',
    { up: false, addresses: [] },
    'is down and does not have its address 172.18.0.1/16',
    `“ip address add 172.18.0.1/16 dev ${bridge}” and “ip link set ${bridge} up”.`,
  ],
])('a bridge %s: an error with the command', (_sentence, change, message, command) => {
  expect(runnerFaultsOf(check, changed(change))).toMatchObject([
    {
      severity: 'error',
      subject: bridge,
      message: `the bridge of the network ${woodpeckerNetwork} ${message}`,
      advice: expect.stringContaining(`Restore it: ${command}`),
    },
  ])
})

test('without a listed gateway, the address is the first one of the subnet', () => {
  const change = allOf(
    withNetworks(networkOf('given', 20, { gateways: [] })),
    changed({ addresses: [] }, bridgeOf('given')),
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([
    { message: 'the bridge of the network given does not have its address 172.20.0.1/16' },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a bridge without a container, which has no carrier', changed({ carrier: false })],
  ['links that were not read', allOf(changed({ up: false }), without('links'))],
  [
    'names of links only',
    (runner) => {
      for (const link of areaIn(runner, 'links')) {
        delete link.index
        delete link.up
        link.addresses = []
      }
    },
  ],
  [
    'an internal network without an address',
    allOf(
      withNetworks(networkOf('inner', 20, { internal: true })),
      changed({ addresses: [] }, bridgeOf('inner')),
    ),
  ],
  [
    'a network that inhibits the address',
    allOf(
      withNetworks(networkOf('plain', 20, { addressless: true })),
      changed({ addresses: [] }, bridgeOf('plain')),
    ),
  ],
  [
    'a network that is being created',
    allOf(
      withNetworks(networkOf('new', 20, { createdAt: inspectedAt })),
      changed({ up: false }, bridgeOf('new')),
    ),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

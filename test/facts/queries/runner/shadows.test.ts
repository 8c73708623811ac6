import { expect, test } from 'vitest'
import { shadowOf } from '../../../../src/facts/queries/runner/shadows.ts'
import {
  allOf,
  areaIn,
  healthyRunner,
  linkOf,
  networkOf,
  type RunnerChange,
  seenArea,
  withLink,
  withNetworks,
  without,
} from '../../../support/runner-facts.ts'

const address = '192.168.20.5'
const network = networkOf('shop_default', 20, {
  subnets: ['192.168.16.0/20'],
  gateways: ['192.168.16.1'],
  addresses: ['192.168.16.2'],
})

function shadow(...changes: RunnerChange[]) {
  const runner = healthyRunner()
  allOf(withNetworks(network), without('routes'), ...changes)(runner)
  return shadowOf(address, runner)
}

const changed = (change: Partial<typeof network>) => withNetworks({ ...network, ...change })

const routed =
  (...routes: { destination: string; device: string; gateway?: string }[]): RunnerChange =>
  (runner) => {
    runner.routes = seenArea({ routes, local: [], peers: [], resolvers: [] })
  }
const own = { destination: '192.168.16.0/20', device: network.bridge ?? '' }

test('a network that covers an address which none of its containers has', () => {
  expect(shadow()).toEqual({ network, subnet: '192.168.16.0/20' })
})

test.each<[string, RunnerChange]>([
  ['the network has no container', changed({ addresses: [], endpoints: 0 })],
  [
    'the network has no container, and addresses are unknown',
    withNetworks(withoutAddresses({ endpoints: 0 })),
  ],
  ['a less specific route goes elsewhere', routed(own, { destination: '192.168.0.0/16', device: 'tun0' })],
  ['the default route goes elsewhere', routed(own, { destination: 'default', device: 'eth0' })],
  [
    'only virtual links are on the bridge',
    withLink(linkOf('veth1', 90, { kind: 'veth', master: network.bridge ?? '' })),
  ],
  ['links were not observed, and Docker created the bridge', without('links')],
])('the network covers the address when %s', (_, change) => {
  expect(shadow(change)).toBeDefined()
})

test.each<[string, RunnerChange]>([
  ['a container has the address', changed({ addresses: [address] })],
  ['it is the network’s own gateway', changed({ gateways: [address] })],
  ['the network has containers with unknown addresses', withNetworks(withoutAddresses({ endpoints: 1 }))],
  ['the network may have containers', withNetworks(withoutAddresses({ endpoints: undefined }))],
  ['the bridge has a physical port', withLink(linkOf('eth1', 90, { master: network.bridge ?? '' }))],
  ['a more specific route goes elsewhere', routed(own, { destination: '192.168.20.0/24', device: 'tun0' })],
  ['the bridge has no route', routed({ destination: '192.168.0.0/16', device: 'tun0' })],
  ['the network has another driver', changed({ driver: 'macvlan' })],
  ['the address is outside its subnet', changed({ subnets: ['192.168.32.0/20'] })],
  [
    'the host itself has the address',
    (runner) => {
      routed(own)(runner)
      areaIn(runner, 'routes').local = [address]
    },
  ],
  ['networks were not observed', without('networks')],
  ['an operator’s own bridge may have a physical port', allOf(changed({ bridge: 'br0' }), without('links'))],
])('it does not when %s', (_, change) => {
  expect(shadow(change)).toBeUndefined()
})

function withoutAddresses({ endpoints }: { endpoints: number | undefined }): typeof network {
  const { addresses: _none, endpoints: _other, ...rest } = network
  return { ...rest, ...(endpoints === undefined ? {} : { endpoints }) }
}

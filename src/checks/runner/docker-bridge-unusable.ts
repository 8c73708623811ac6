import type { Fault } from '../../core/finding.ts'
import { type DockerBridge, dockerBridges } from '../../facts/queries/runner/docker-bridges.ts'
import { formatAddress, holds, parseIpv4Network } from '../../net/ip.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-bridge-unusable',
  title: 'every Docker bridge is up and has its address',
  fault:
    'Bridge unusable: the bridge of a Docker network is down or has lost its address, so its containers reach nothing.',
  severity: 'error',
  advice: 'Restore it: “ip address add GATEWAY/PREFIX dev BRIDGE” and “ip link set BRIDGE up”.',
  covers: ['container-no-egress'],
  reads: ['runner.networks', 'runner.links'],
  consults: ['runner.vantage', 'runner.engine'],
  run: (runner) => dockerBridges(runner).flatMap(faultOf),
})

function faultOf(bridge: DockerBridge): Fault[] {
  const { network, link } = bridge
  const isDown = link.up === false
  const missing = missingAddresses(bridge)
  if (!isDown && missing.length === 0) return []
  const commands = [
    ...missing.map((address) => `“ip address add ${address} dev ${link.name}”`),
    ...(isDown ? [`“ip link set ${link.name} up”`] : []),
  ]
  const problems = [
    ...(isDown ? ['is down'] : []),
    ...(missing.length > 0 ? [`does not have its address ${missing.join(', ')}`] : []),
  ]
  return [
    {
      subject: link.name,
      message: `the bridge of the network ${network.name} ${problems.join(' and ')}`,
      expected: `up, with ${network.gateways.join(', ')}`,
      actual: `${isDown ? 'down' : 'up'}, with ${link.addresses.slice(0, 4).join(', ') || 'no address'}`,
      cause: `bridge ${link.name}`,
      explains: [network.name],
      title: `Bridge unusable: the containers of the network ${network.name} reach nothing outside, as their gateway ${isDown ? 'is down' : 'has no address'}.`,
      advice: `Restore it: ${commands.join(' and ')}. Then find what changed it: NetworkManager and systemd-networkd must leave docker0 and br-* unmanaged.`,
    },
  ]
}

/**
 * The IPv4 gateway addresses that the bridge should have and does not. An internal network can do without. Containers send to
 * the address that is listed; another one of the subnet does for them only where none is.
 */
function missingAddresses({ network, link, addressesRead }: DockerBridge): string[] {
  if (network.internal || network.addressless || !addressesRead) return []
  return network.subnets.flatMap((subnet) => {
    const range = parseIpv4Network(subnet)
    if (!range) return []
    const own = link.addresses.map(bare)
    const listed = network.gateways.map(bare).find((one) => holds(subnet, one))
    if (listed === undefined ? own.some((one) => holds(subnet, one)) : own.includes(listed)) return []
    // Docker 20.10 lists no gateway of a network with a given subnet: it is the first address then (measured).
    const gateway = listed ?? formatAddress({ version: 4, value: range.first + 1n })
    return [`${gateway}/${subnet.split('/')[1]}`]
  })
}

const bare = (address: string): string => address.split('/')[0] ?? ''

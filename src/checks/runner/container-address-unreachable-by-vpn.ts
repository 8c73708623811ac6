import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { type DirectRouting, droppedDirectly } from '../../facts/queries/packet/direct-routing.ts'
import { placeText } from '../../facts/queries/packet/stop-text.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'container-address-unreachable-by-vpn',
  title: 'peers of a VPN reach containers by the containers’ addresses',
  fault:
    'Direct access dropped: Docker 28 and later drop what peers of a VPN send to a container’s own address; its published port is reached only at the addresses of this host.',
  severity: 'note',
  advice: 'Publish the port at the address of this host in the VPN, and connect to that.',
  reads: ['runner.links', 'runner.rules', 'runner.routes'],
  consults: [
    ...(['runner.published', 'runner.proxies', 'runner.daemons'] as const),
    ...(['runner.vantage', 'runner.engine', 'runner.networks'] as const),
  ],
  run: (runner) => {
    const version = seenIn(runner.engine)?.version ?? ''
    return droppedDirectly(runner).map((one) => faultOf(one, version))
  },
})

function faultOf({ device, from, to, port, at, accepted }: DirectRouting, version: string): Fault {
  return {
    subject: device,
    // Only a rule for this interface shows that somebody wants it.
    severity: accepted ? 'warning' : 'note',
    message: `packets from ${from} by ${device} to ${to} port ${port} are dropped before routing`,
    evidence: [...placeText(at), ...(accepted ? placeText(accepted) : [])],
    cause: `direct ${device}`,
    advice: `If peers are to reach containers by their addresses, ${optionFor(version, device)}. Otherwise publish ports at the address of this host in the VPN.`,
  }
}

/** Docker 28.0 has the gateway mode, 28.2 the other two options (moby#49832). */
function optionFor(version: string, device: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const mode = 'create the network with -o com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected'
  if (major < 28 || (major === 28 && minor < 2)) return `${mode}, which opens all ports of its containers`
  return `create the network with -o com.docker.network.bridge.trusted_host_interfaces=${device}, or set "allow-direct-routing": true in daemon.json and restart Docker when no job is running`
}

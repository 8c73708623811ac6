import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { isOlder } from '../../explain/remediation.ts'
import { mssClampsIn, tooLargeNetworks, uplinkOf } from '../../facts/queries/runner/uplink.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-mtu-exceeds-uplink',
  title: 'containers send no packet that the uplink cannot take',
  fault:
    'Docker MTU exceeds the uplink’s: containers announce and send packets that do not fit, which stall wherever ICMP is dropped.',
  severity: 'warning',
  advice: 'Give Docker’s networks the MTU of the uplink.',
  covers: ['mss-clamp-missing'],
  reads: ['runner.networks', 'runner.links', 'runner.routes'],
  consults: ['runner.rules', 'runner.engine'],
  run: (runner) => {
    const uplink = uplinkOf(runner)
    if (!uplink || seenIn(runner.engine)?.flavour === 'podman') return []
    const networks = tooLargeNetworks(runner, uplink)
    const clamps = mssClampsIn(seenIn(runner.rules)?.tables ?? [], uplink.name)
    const isClamped = clamps.some(({ inbound }) => inbound) && clamps.some(({ outbound }) => outbound)
    if (networks.length === 0 || isClamped) return []
    const { name, mtu } = uplink
    const names = networks.slice(0, 3).map((network) => network.name)
    const more = networks.length > names.length ? `, and ${networks.length - names.length} more` : ''
    return [
      {
        subject: name,
        message: `the uplink ${name} has MTU ${mtu}; ${count(networks.length, 'network')} of Docker ${networks.length === 1 ? 'has' : 'have'} more: ${names.join(', ')}${more}`,
        expected: `${mtu} or less`,
        actual: [...new Set(networks.map((network) => network.mtu))].join(', '),
        evidence: networks.slice(0, 8).map((network) => `${network.name}: MTU ${network.mtu}`),
        advice: adviceFor(mtu, seenIn(runner.engine)?.version ?? ''),
      },
    ]
  },
})

/** The setting for networks of users is new in Docker 24; earlier ones ignore it (20.10 starts with it, measured). */
function adviceFor(mtu: number, version: string): string {
  const own = `In /etc/docker/daemon.json set “"mtu": ${mtu}” (docker0)`
  return isOlder(version, [24, 0, 0])
    ? `${own} and restart Docker when no job is running. For other networks, this Docker has no setting, so lower the MSS of TCP: “iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu”.`
    : `${own} and “"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "${mtu}"}}” (new networks, as of CI jobs), restart Docker when no job is running, and recreate other networks.`
}

import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
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
        advice: `In /etc/docker/daemon.json set “"mtu": ${mtu}” (docker0) and “"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "${mtu}"}}” (new networks, as of CI jobs; Docker 24 or later), restart Docker and recreate other networks.`,
      },
    ]
  },
})

import { seenIn } from '../../core/observed.ts'
import type { NetworkFact } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'ip-forwarding-off',
  title: 'the host forwards packets of containers',
  fault:
    'IPv4 forwarding off: the kernel forwards no packet between containers and other hosts, so containers reach nothing outside.',
  severity: 'error',
  advice:
    'Enable it: “sysctl -w net.ipv4.ip_forward=1”. Then find the file that disables it: “grep -rs ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d”.',
  covers: ['container-no-egress', 'published-port-unreachable'],
  reads: ['runner.engine'],
  consults: ['runner.networks'],
  run: ({ engine, networks }) => {
    const docker = seenIn(engine)
    if (docker?.flavour !== 'docker' || docker.forwards !== false) return []
    const all = seenIn(networks)
    const needing = all?.filter(isForwarded) ?? []
    if (all && needing.length === 0) return []
    return [
      {
        subject: 'net.ipv4.ip_forward',
        message: `Docker reports IPv4 forwarding as disabled${needing.length > 0 ? `; without connections to the outside: ${namesOf(needing)}` : ''}`,
        expected: '1',
        actual: '0',
        cause: 'forwarding off',
      },
    ]
  },
})

/** A network whose containers reach other hosts through the host: not those of an internal network, macvlan or the host’s own. */
const isForwarded = ({ driver, internal }: NetworkFact): boolean =>
  ['bridge', 'overlay'].includes(driver) && !internal

function namesOf(networks: NetworkFact[]): string {
  const more = networks.length - 4
  const names = networks.slice(0, 4).map(({ name }) => name)
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

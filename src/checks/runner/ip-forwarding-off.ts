import { seenIn } from '../../core/observed.ts'
import { bridgeNetworks, isSameNamespace } from '../../facts/queries/runner/rule-drift.ts'
import type { NetworkFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'ip-forwarding-off',
  title: 'the host forwards packets of containers',
  fault:
    'IPv4 forwarding off: the kernel forwards no packet between containers and other hosts, so containers reach nothing outside.',
  severity: 'error',
  advice:
    'Enable it: “sysctl -w net.ipv4.ip_forward=1”. Then find the file that disables it: “grep -rs ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d”.',
  covers: ['container-no-egress', 'published-port-unreachable', 'step-no-egress'],
  reads: ['runner.engine'],
  consults: ['runner.vantage', 'runner.networks', 'runner.links', 'runner.routes'],
  run: (runner) => {
    if (seenIn(runner.engine)?.flavour !== 'docker') return []
    const now = settingNow(runner)
    if ((now ?? seenIn(runner.engine)?.forwards) !== false) return []
    const all = seenIn(runner.networks)
    const needing = all?.filter(isForwarded) ?? []
    if (all && needing.length === 0) return []
    const what =
      now === undefined
        ? 'Docker reports IPv4 forwarding as disabled'
        : 'net.ipv4.ip_forward is 0 where Docker runs'
    return [
      {
        subject: 'net.ipv4.ip_forward',
        message: `${what}${needing.length > 0 ? `; without connections to the outside: ${namesOf(needing)}` : ''}`,
        expected: '1',
        actual: '0',
        cause: 'forwarding off',
      },
    ]
  },
})

type View = RunnerView<'vantage' | 'engine' | 'networks' | 'links' | 'routes'>

/**
 * The kernel's setting in the engine's network namespace, where it was read: Docker 29 reports the value from its own start,
 * whatever was set since. Undefined elsewhere.
 */
function settingNow(runner: View): boolean | undefined {
  const value = seenIn(runner.routes)?.routing?.sysctls['net.ipv4.ip_forward']
  const links = new Map((seenIn(runner.links) ?? []).map((link) => [link.name, link]))
  const isEngines = isSameNamespace(runner, bridgeNetworks(runner, runner) ?? [], links)
  return value === undefined || !isEngines ? undefined : value === '1'
}

/** A network whose containers reach other hosts through the host: not those of an internal network, macvlan or the host’s own. */
const isForwarded = ({ driver, internal }: NetworkFact): boolean =>
  ['bridge', 'overlay'].includes(driver) && !internal

function namesOf(networks: NetworkFact[]): string {
  const more = networks.length - 4
  const names = networks.slice(0, 4).map(({ name }) => name)
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

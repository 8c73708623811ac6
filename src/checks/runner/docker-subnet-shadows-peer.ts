import { failureInfo } from '../../core/failure.ts'
import type { Fault, Severity } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import type { Facts } from '../../facts/facts.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'
import { portsText, targetText } from '../../facts/queries/runner/port-text.ts'
import { type Shadow, shadowOf } from '../../facts/queries/runner/shadows.ts'
import type { RunnerView } from '../../facts/view.ts'
import { defineCheck } from '../define.ts'
import { faultyPorts, nameListenersAdvice, portConsults, portFault, portReads } from '../port-fault.ts'

type View = RunnerView<'ports' | 'networks' | 'routes' | 'links'>

export default defineCheck({
  id: 'docker-subnet-shadows-peer',
  group: 'runner',
  title: 'no Docker network covers the address of another machine',
  fault:
    'Address conflict: a Docker network covers the address of another machine, so packets to that machine are lost on the network’s bridge.',
  severity: 'error',
  advice:
    'Configure address pools that nothing else uses: “"default-address-pools": [{"base": "10.201.0.0/16", "size": 24}]” in /etc/docker/daemon.json. When no job is running, restart Docker and recreate the network.',
  reads: ['runner.networks', 'runner.routes'],
  consults: [...portReads, ...portConsults, 'path.requests'],
  run: ({ image, registry, runner }) => {
    const unanswered = faultyPorts(['no-answer'], runner)
    const dialled = unanswered.map((found) => {
      const { target, dials } = found.ports
      const shadow = shadowOf(target.address, runner)
      return portFault(found, runner, {
        message: `no answer from ${portsText(dials)} of ${targetText(target)}, not even to a ping${shadow ? `: ${shadowText(shadow)}` : ''}`,
        because: shadow ? routedToBridge(shadow) : possibleReasons,
        ...(shadow ? {} : { title: possibleShadow, advice: withSetting(checkThatHost, found.severity) }),
      })
    })
    const known = new Set(unanswered.map(({ ports }) => ports.target.address))
    return [
      ...dialled,
      ...undialledConflicts(runner, unreachableRegistries({ image, registry })).filter(
        ({ subject }) => !known.has(subject),
      ),
    ]
  },
})

const withSetting = (advice: string, severity: Severity): string =>
  severity === 'error' ? advice : `${nameListenersAdvice} ${advice}`

const shadowText = ({ network, subnet }: Shadow): string =>
  `Docker network ${network.name} (${network.bridge}) covers ${subnet}`

const routedToBridge = ({ network }: Shadow): string =>
  `This host routes packets for it to the bridge ${network.bridge}, where no container has the address.`

/** Dialling alone cannot show where the replies go. */
const possibleShadow =
  'No answer from a host: its replies may go to a container network that covers this runner’s address.'

const possibleReasons =
  'A container network on that host can cover the addresses of this runner, so that replies go to its bridge. A firewall that drops everything, or a host that is down, looks the same.'

const checkThatHost =
  'On that host, “ip route get ADDRESS-OF-THIS-RUNNER” must not name a bridge (br-…, docker0); if it does, configure other ranges (“default-address-pools” in /etc/docker/daemon.json) and recreate that network.'

/** Conflicts with addresses that were not dialled: registries that did not answer, resolvers, peers of the host. */
function undialledConflicts(runner: View, registries: string[]): Fault[] {
  const { resolvers = [], peers = [] } = seenIn(runner.routes) ?? {}
  const reported = new Set<string>()
  const conflict = (address: string, what: string, severity: Severity): Fault[] => {
    const shadow = reported.has(address) ? undefined : shadowOf(address, runner)
    if (!shadow || (severity === 'warning' && !isSteady(shadow, runner))) return []
    reported.add(address)
    const { network, subnet } = shadow
    return [
      {
        subject: address,
        severity,
        message: `${what}, and ${shadowText(shadow)}`,
        because: routedToBridge(shadow),
        evidence: [
          `network ${network.name}: ${network.subnets.join(', ')}, ${count(network.addresses?.length ?? 0, 'container')}, none with ${address}`,
        ],
        cause: `${network.name} ${subnet}`,
      },
    ]
  }
  return [
    ...registries.flatMap((address) => conflict(address, 'the registry does not answer', 'error')),
    ...resolvers.flatMap((address) => conflict(address, 'it is a DNS resolver', 'error')),
    ...peers.flatMap((address) => conflict(address, 'it has connections to this host', 'warning')),
  ]
}

/** In a short-lived network, containers can start after its addresses were read. */
const steadyMs = 10 * 60_000
const isSteady = ({ network: { owner, createdAt } }: Shadow, { at }: View): boolean =>
  (owner === 'compose' || owner === 'other') && createdAt !== undefined && at - createdAt > steadyMs

/** Addresses of registries that did not answer. One that answered is not covered by any network. */
function unreachableRegistries(facts: Pick<Facts, 'image' | 'registry'>): string[] {
  const unreachable = failuresIn(facts).filter(({ why }) => failureInfo(why.kind).unreachable)
  return [...new Set(unreachable.flatMap(({ why }) => why.addresses ?? []))]
}

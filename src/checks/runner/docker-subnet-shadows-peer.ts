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
import { faultyPorts, guessAdvice, portConsults, portFault, portReads } from '../port-fault.ts'

type View = RunnerView<'ports' | 'networks' | 'routes' | 'links'>

export default defineCheck({
  id: 'docker-subnet-shadows-peer',
  group: 'runner',
  title: 'no network of Docker covers addresses of others',
  fault: 'Packets to a machine go to a Docker network that covers its address, and come to nobody.',
  severity: 'error',
  advice:
    'Give Docker ranges that nobody else uses, and make the network again: “"default-address-pools": [{"base": "10.201.0.0/16", "size": 24}]” in /etc/docker/daemon.json, then “systemctl restart docker; docker network rm NETWORK”.',
  reads: ['runner.networks', 'runner.routes'],
  consults: [...portReads, ...portConsults, 'path.requests'],
  run: ({ image, registry, runner }) => {
    const dialled = faultyPorts(['E'], runner).map((found) => {
      const { target, dials } = found.row
      const shadow = shadowOf(target.address, runner)
      return portFault(found, runner, {
        message: `nothing comes back from ${portsText(dials)} of ${targetText(target)}, not even a ping${shadow ? `: ${shadowText(shadow)}` : ''}`,
        because: shadow ? here(shadow) : there,
        ...(shadow ? {} : { title: perhaps, advice: told(lookThere, found.severity) }),
      })
    })
    const known = new Set(faultyPorts(['E'], runner).map(({ row }) => row.target.address))
    return [
      ...dialled,
      ...structural(runner, lostAddresses({ image, registry })).filter(({ subject }) => !known.has(subject)),
    ]
  },
})

const told = (advice: string, severity: Severity): string =>
  severity === 'error' ? advice : `${guessAdvice} ${advice}`

const shadowText = ({ network, subnet }: Shadow): string =>
  `Docker's network ${network.name} (${network.bridge}) covers ${subnet}`

const here = ({ network }: Shadow): string =>
  `This host sends packets for it to the bridge ${network.bridge}, where no container has the address.`

/** Dialling alone cannot tell where the answers go. */
const perhaps =
  'Nothing comes back from a host: its answers may go to a container network that covers this runner’s addresses.'

const there =
  'A container network on that host that covers the addresses of this runner looks like this: the answers go to its bridge. So do a firewall that drops everything, and a host that is off.'

const lookThere =
  'On that host, “ip route get ADDRESS-OF-THIS-RUNNER” must not name a bridge (br-…, docker0); where it does, give Docker other ranges (“default-address-pools” in /etc/docker/daemon.json) and make that network again.'

/** What other facts name beside the ports that were dialled: registries that gave no answer, resolvers, peers. */
function structural(runner: View, registries: string[]): Fault[] {
  const { resolvers = [], peers = [] } = seenIn(runner.routes) ?? {}
  const found = new Set<string>()
  const shadowed = (address: string, what: string, severity: Severity): Fault[] => {
    const shadow = found.has(address) ? undefined : shadowOf(address, runner)
    if (!shadow || (severity === 'warning' && !isSteady(shadow, runner))) return []
    found.add(address)
    const { network, subnet } = shadow
    return [
      {
        subject: address,
        severity,
        message: `${what}, and ${shadowText(shadow)}`,
        because: here(shadow),
        evidence: [
          `network ${network.name}: ${network.subnets.join(', ')}, ${count(network.addresses?.length ?? 0, 'container', 'containers')}, none of them ${address}`,
        ],
        cause: `${network.name} ${subnet}`,
      },
    ]
  }
  return [
    ...registries.flatMap((address) => shadowed(address, 'the registry gives no answer', 'error')),
    ...resolvers.flatMap((address) => shadowed(address, 'names are resolved there', 'error')),
    ...peers.flatMap((address) => shadowed(address, 'it has connections to this host', 'warning')),
  ]
}

/** Containers of a network that comes and goes may have come after its addresses were read. */
const steadyMs = 10 * 60_000
const isSteady = ({ network: { owner, createdAt } }: Shadow, { at }: View): boolean =>
  (owner === 'compose' || owner === 'other') && createdAt !== undefined && at - createdAt > steadyMs

/** Addresses of registries that gave no answer; one that answered is not covered, whatever networks there are. */
function lostAddresses(facts: Pick<Facts, 'image' | 'registry'>): string[] {
  const lost = failuresIn(facts).filter(({ why }) => failureInfo(why.kind).unreachable)
  return [...new Set(lost.flatMap(({ why }) => why.addresses ?? []))]
}

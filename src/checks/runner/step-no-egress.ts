import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { areUnrelated } from '../../facts/queries/path/shared-failures.ts'
import { isComplete } from '../../facts/queries/runner/rule-drift.ts'
import type { EgressFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'step-no-egress',
  title: 'this container reaches hosts beyond its own',
  fault:
    'No egress from this step: nothing beyond the host of this container answers, though the container has a default route.',
  severity: 'error',
  advice:
    'Inspect the host: run regguard there as root (regguard-plugin --checks runner), or mount the Docker socket and set host_snapshot: true. It names the rule, route or setting that stops the packets.',
  covers: ['egress-failing', 'connection-timeout', 'host-unreachable'],
  reads: ['runner.egress'],
  consults: ['runner.rules', 'runner.routes'],
  run: (runner) =>
    faultsOf(runner).map((fault) =>
      isFollowed(runner) && fault.cause !== 'no route' ? { ...fault, ...notSeen } : fault,
    ),
})

type View = RunnerView<'egress' | 'rules' | 'routes'>

function faultsOf({ egress }: View): Fault[] {
  if (!egress || egress.reached) return []
  const { hop, gatewayAnswers, silentHosts = [] } = egress
  if (hop === 'silent' && gatewayAnswers) return [notForwarding(egress, silentHosts)]
  if (hop === 'no route' && silentHosts.length > 0) return [noRoute(egress, silentHosts)]
  return areUnrelated(silentHosts) ? [nothingBeyond(egress, silentHosts)] : []
}

/** Packets of containers were followed through the host: had its rules, routes or settings stopped them, that would be the finding. */
const isFollowed = ({ rules, routes }: View): boolean =>
  rules.seen && isComplete(rules.value) && seenIn(routes)?.routing !== undefined

const notSeen = {
  advice:
    'The rules, routes and settings of this host, as far as regguard follows them, let its packets out. On the host, look at what it does not inspect: neighbour entries (“ip neigh”: none of the gateway may be FAILED, or PERMANENT with a wrong address), rules of ebtables-legacy, eBPF programs and tc. Then at the network beyond the host.',
}

/** A host that drops “time exceeded” on purpose looks the same, so that something else has to fail as well. */
function notForwarding(egress: EgressFact, silent: string[]): Fault {
  const others = [...silent, ...(egress.silentResolvers ?? []).map((resolver) => `resolver ${resolver}`)]
  return {
    ...faultOf(egress, others),
    ...(others.length === 0 ? { severity: 'warning' as const } : {}),
    message: `the host at ${egress.gateway} answers pings, and does not forward packets of this container`,
    title: 'No egress from this step: the host of this container does not forward its packets.',
    because:
      'A host that forwards answers “time exceeded” to a packet with one hop left, before any rule of FORWARD; this one is silent.',
    advice:
      'On the host, as root: “sysctl net.ipv4.ip_forward”. If it is 0: “sysctl -w net.ipv4.ip_forward=1”, and find the file that disables it: “grep -rs ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d”. If it is 1, host_snapshot: true, with the Docker socket mounted, shows what drops the packets.',
  }
}

const noRoute = (egress: EgressFact, silent: string[]): Fault => ({
  ...faultOf(egress, silent),
  message: `the host at ${egress.gateway} forwards, and reports that it has no route or may not use it`,
  title: 'No egress from this step: the host of this container has no route to other hosts.',
  advice: 'On the host: “ip route get 9.9.9.9” and “ip rule”. Restore its default route.',
})

const nothingBeyond = (egress: EgressFact, silent: string[]): Fault => ({
  ...faultOf(egress, silent),
  message:
    egress.hop === 'forwards'
      ? `the host at ${egress.gateway} forwards, and nothing beyond it answers`
      : `nothing beyond the gateway ${egress.gateway} answers`,
  because:
    'Hosts that have nothing to do with each other are silent: a rule of the host drops the packets, it does not masquerade them, or the network beyond it is down.',
})

function faultOf(
  { device, gateway, mtu, addresses, hop, gatewayAnswers, silentHosts = [] }: EgressFact,
  silent: string[],
) {
  const from = addresses.length > 0 ? `, from ${addresses.slice(0, 4).join(', ')}` : ''
  return {
    subject: 'egress',
    expected: 'an answer from any host beyond the gateway',
    actual: 'none',
    cause: hop ?? 'unknown',
    explains: silentHosts,
    evidence: [
      `default route by ${device}${mtu === undefined ? '' : ` (MTU ${mtu})`} to ${gateway}${from}`,
      ...(gatewayAnswers === undefined
        ? []
        : [`${gateway} ${gatewayAnswers ? 'answers' : 'does not answer'} pings`]),
      ...(silent.length > 0 ? [`no answer from ${silent.slice(0, 6).join(', ')}`] : []),
    ],
  }
}

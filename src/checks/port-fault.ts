import type { Fault, Severity } from '../core/finding.ts'
import { seenIn } from '../core/observed.ts'
import { count } from '../core/units.ts'
import {
  alternativeLine,
  alternativesOf,
  alternativesText,
} from '../facts/queries/runner/alternative-causes.ts'
import { burstsIn, timeText } from '../facts/queries/runner/churn.ts'
import { rewritersIn } from '../facts/queries/runner/managers.ts'
import { type PortState, type PortsInState, portStates, slowMs } from '../facts/queries/runner/port-state.ts'
import { canaryLines, dialLine, pingLine, socketText, targetText } from '../facts/queries/runner/port-text.ts'
import { ruleDrift } from '../facts/queries/runner/rule-drift.ts'
import type { Dial } from '../facts/runner.ts'
import type { RunnerView } from '../facts/view.ts'

/** What every check of ports reads. */
export const portReads = ['runner.ports'] as const
/** The areas that distinguish a port's alternative causes. */
export const portConsults = [
  'runner.vantage',
  'runner.engine',
  'runner.networks',
  'runner.links',
  'runner.rules',
  'runner.routes',
  'runner.kernel',
  'runner.conntrack',
  'runner.pressure',
  'runner.programs',
  'runner.churn',
] as const
/** The areas of `portReads` and `portConsults`. */
export type PortFaultView = RunnerView<
  | 'ports'
  | 'vantage'
  | 'engine'
  | 'networks'
  | 'links'
  | 'rules'
  | 'routes'
  | 'kernel'
  | 'conntrack'
  | 'pressure'
  | 'programs'
  | 'churn'
>

/** Ports in one state that is a fault. */
export interface FaultyPorts {
  ports: PortsInState
  severity: Severity
}

/** The ports in these states that are a fault of the host. */
export function faultyPorts(states: PortState[], runner: PortFaultView): FaultyPorts[] {
  return portStates(runner)
    .filter(({ state }) => states.includes(state))
    .flatMap((ports) => {
      const severity = severityOf(ports, runner)
      return severity === undefined ? [] : [{ ports, severity }]
    })
}

/**
 * A port named in the settings must answer. A port that a host program listens on should, but a firewall may block containers on
 * purpose: what a configured rule explains is at most a warning, unless rules were lost. For the usual ports both readings stay
 * open. Where nobody named the ports and one of them answers, the firewall is configured that way, and the others are not a fault.
 */
function severityOf({ state, target, dials }: PortsInState, runner: PortFaultView): Severity | undefined {
  const ports = seenIn(runner.ports)
  if (!ports) return undefined
  if (ports.chosen === 'settings') return 'error'
  const dropped = state === 'tcp-dropped' || state === 'policy-drop'
  const lost = dropped && lostUpdateSigns(runner).length > 0
  if (dropped && !lost && target.ports.some(({ result }) => result === 'open')) return undefined
  if (ports.chosen === 'usual') return state === 'rejected' ? 'note' : 'warning'
  if (state === 'rejected' || (state === 'policy-drop' && !lost)) return 'warning'
  // Containers of an internal network, and of one that rules isolate, reach no other address of the host than their gateway.
  if (state === 'no-answer' && target.name === 'node') return 'note'
  if (state === 'no-route' && dials.every(({ ms }) => ms < slowMs)) return 'note'
  return state === 'backlog-full' && (ports.listenDrops ?? 0) === 0 ? 'warning' : 'error'
}

/** Whether the settings do not name the ports, so that a firewall may block them on purpose. */
export const portsAreUnnamed = (runner: PortFaultView): boolean => seenIn(runner.ports)?.chosen !== 'settings'

/** The advice for ports that the settings do not name. */
export const nameListenersAdvice =
  'Name the ports that must answer in the setting listeners: one that does not is then an error, and other ports are not reported.'

/** The limit of dials listed for one address, for hosts with many ports. */
const maxDials = 12

/**
 * A finding about ports in one state. A log shows only the first lines of the evidence: the port, the canary ports, ping, and
 * the alternative causes by name. The other ports follow, then the fact that decides each alternative.
 */
export function portFault(
  { ports: found, severity }: FaultyPorts,
  runner: PortFaultView,
  texts: Pick<Fault, 'message'> & Partial<Pick<Fault, 'title' | 'because' | 'advice' | 'evidence'>>,
): Fault {
  const { state, target, dials } = found
  const { address, ports } = target
  const [first, ...others] = [...dials, ...ports.filter((dial) => !dials.includes(dial))]
  const { evidence = [], ...rest } = texts
  const alternatives = alternativesOf(found, runner)
  const lines = (some: Dial[]) => some.map((dial) => dialLine(address, dial))
  const more = others.length - maxDials
  return {
    subject: first && dials.length === 1 ? socketText(address, first.port) : address,
    severity,
    ...rest,
    evidence: [
      ...lines(first ? [first] : []),
      ...canaryLines(target),
      pingLine(target),
      ...alternativesText(alternatives),
      ...evidence,
      ...lines(others.slice(0, maxDials)),
      ...(more > 0 ? [`${more} more ports of ${address}`] : []),
      ...alternatives.map(alternativeLine),
    ],
    cause: `${state} ${targetText(target)}`,
  }
}

/** Signs of a lost update of the host's rules: stale bridges, networks without their rules, programs that rewrite whole tables. */
export function lostUpdateSigns(runner: PortFaultView): string[] {
  const { staleBridges, unprotectedNetworks } = ruleDrift(runner)
  return [
    ...(staleBridges.length > 0
      ? [`rules still name ${count(staleBridges.length, 'deleted bridge')} (iptables-stale-bridge-rule)`]
      : []),
    ...(unprotectedNetworks.length > 0
      ? [
          `${count(unprotectedNetworks.length, 'network lacks', 'networks lack')} rules (docker-network-rules-missing)`,
        ]
      : []),
    ...rewritersIn(runner).map(({ name, evidence }) => `${name} rewrites whole tables (${evidence})`),
  ]
}

const recentMs = 10 * 60_000

/** The last bursts of network changes shortly before the inspection. */
export const burstLines = (runner: PortFaultView): string[] =>
  burstsIn(runner)
    .filter(({ to, creates, destroys }) => runner.at - to < recentMs && creates + destroys > 2)
    .slice(-3)
    .map(
      ({ from, to, creates, destroys }) =>
        `${timeText(from)} to ${timeText(to)} UTC: ${creates} networks created, ${destroys} removed`,
    )

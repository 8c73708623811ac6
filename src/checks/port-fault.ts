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
import { type PortState, type PortsInState, portStates } from '../facts/queries/runner/port-state.ts'
import { canaryLines, dialLine, pingLine, socketText, targetText } from '../facts/queries/runner/port-text.ts'
import { ruleDrift } from '../facts/queries/runner/rule-drift.ts'
import type { Dial } from '../facts/runner.ts'
import type { RunnerView } from '../facts/view.ts'

/** The rows that a check tells of: those of its kinds that are a fault of this host, with how bad it is. */
/** What every finding about ports reads: the ports, and what tells alternative causes apart. */
export const portReads = ['runner.ports'] as const
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
/** What a finding about ports is made from. */
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

export function faultyPorts(
  kinds: PortState[],
  runner: PortFaultView,
): { row: PortsInState; severity: Severity }[] {
  return portStates(runner)
    .filter(({ row }) => kinds.includes(row))
    .flatMap((row) => {
      const severity = severityOf(row, runner)
      return severity === undefined ? [] : [{ row, severity }]
    })
}

/**
 * A port that the settings name must answer. One that a program of the host listens on is meant to be open, but a firewall
 * may keep it from containers on purpose: what a standing rule explains is at most a warning, unless rules were lost. Of
 * ports that nobody named both may be true, and one answer beside them means that somebody chose which may.
 */
function severityOf({ row, target }: PortsInState, runner: PortFaultView): Severity | undefined {
  const ports = seenIn(runner.ports)
  if (!ports) return undefined
  if (ports.chosen === 'settings') return 'error'
  const dropped = row === 'A' || row === 'G'
  const lost = dropped && lostUpdateSigns(runner).length > 0
  if (dropped && !lost && target.ports.some(({ result }) => result === 'open')) return undefined
  if (ports.chosen === 'usual') return row === 'B' ? 'note' : 'warning'
  if (row === 'B' || (row === 'G' && !lost)) return 'warning'
  return row === 'C' && (ports.listenDrops ?? 0) === 0 ? 'warning' : 'error'
}

/** Whether nobody said that these ports must answer, so that a firewall may be all there is to it. */
export const isGuess = (runner: PortFaultView): boolean => seenIn(runner.ports)?.chosen !== 'settings'

/** What a guess is told with. */
export const guessAdvice =
  'Name the ports that must answer in the setting listeners: then it is an error when they do not, and nothing is said of others.'

/** Dials of one address that evidence shows, so that a host of many ports stays readable. */
const maxDials = 12

/**
 * A finding of one row. A log shows the first few lines of evidence: the port, the canaries, ping, and how the other
 * explanations stand; then follow the other ports, and what rules each explanation out.
 */
export function portFault(
  { row, severity }: { row: PortsInState; severity: Severity },
  runner: PortFaultView,
  told: Pick<Fault, 'message'> & Partial<Pick<Fault, 'title' | 'because' | 'advice' | 'evidence'>>,
): Fault {
  const { target, dials } = row
  const { address, ports } = target
  const [first, ...others] = [...dials, ...ports.filter((dial) => !dials.includes(dial))]
  const { evidence = [], ...rest } = told
  const alternatives = alternativesOf(row, runner)
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
    cause: `${row.row} ${targetText(target)}`,
  }
}

/**
 * Signs that rules of the host were lost: bridges that are gone and still in rules, networks without theirs, and programs
 * that write whole tables over what others changed meanwhile.
 */
export function lostUpdateSigns(runner: PortFaultView): string[] {
  const { stale, bare } = ruleDrift(runner)
  return [
    ...(stale.length > 0
      ? [
          `rules still name ${count(stale.length, 'bridge that is', 'bridges that are')} gone (iptables-stale-bridge-rule)`,
        ]
      : []),
    ...(bare.length > 0
      ? [`${count(bare.length, 'network lacks', 'networks lack')} rules (docker-network-rules-missing)`]
      : []),
    ...rewritersIn(runner).map(({ name, evidence }) => `${name} writes whole tables (${evidence})`),
  ]
}

const nearMs = 10 * 60_000

/** Bursts of networks that came and went shortly before. */
export const burstLines = (runner: PortFaultView): string[] =>
  burstsIn(runner)
    .filter(({ to, creates, destroys }) => runner.at - to < nearMs && creates + destroys > 2)
    .slice(-3)
    .map(
      ({ from, to, creates, destroys }) =>
        `${timeText(from)} to ${timeText(to)}: ${creates} networks made, ${destroys} removed`,
    )

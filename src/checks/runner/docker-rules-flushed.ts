import type { Fault, Severity } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { type Flush, type FlushView, flushIn, writesRules } from '../../facts/queries/runner/flush.ts'
import { type ManagerView, managersIn } from '../../facts/queries/runner/managers.ts'
import { runnerCheck } from '../runner-check.ts'

type View = FlushView & ManagerView

export default runnerCheck({
  id: 'docker-rules-flushed',
  title: 'Docker’s rules were not flushed',
  fault: 'Flushed packet filter: something flushed Docker’s rules after Docker started.',
  severity: 'error',
  advice:
    'When no job is running, restart Docker: “systemctl restart docker” recreates its chains and the rules of its networks. Then find what flushes the packet filter.',
  covers: [
    'docker-chain-missing',
    'docker-network-rules-missing',
    'container-no-egress',
    'networks-not-isolated',
    'published-port-unreachable',
    'step-no-egress',
    'containers-cannot-reach-each-other',
    'icc-not-enforced',
  ],
  reads: ['runner.engine', 'runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.vantage', 'runner.churn', 'runner.programs', 'runner.daemons'],
  run: (runner) => {
    const flush = flushIn(runner)
    return flush ? [faultOf(flush, runner)] : []
  },
})

function faultOf(flush: Flush, runner: View): Fault {
  const severity = severityOf(flush, runner)
  const { state, networks, tables, unmasqueraded, since } = flush
  const left =
    state === 'nothing left' ? 'no chain and no rule of Docker is left' : `${tablesText(tables)} of Docker`
  return {
    subject: 'Docker rules',
    severity,
    message: `${left}${unmasqueraded.length > 0 ? `; not masqueraded: ${namesOf(unmasqueraded)}` : ''}`,
    expected: `the rules of ${count(networks.length, 'network')} that Docker wrote: ${namesOf(networks)}`,
    actual: state === 'nothing left' ? 'none' : 'chains without these rules',
    absent: true,
    evidence: [
      ...(since.length > 0 ? [`created since, with rules: ${namesOf(since)}`] : []),
      ...suspectsIn(runner),
    ],
    cause: 'flushed',
    title: `Flushed packet filter: something flushed Docker’s rules after Docker started; ${effectOf(flush)}.`,
    ...(severity === 'error' ? {} : { advice: unknownAdvice }),
  }
}

const unknownAdvice =
  'If daemon.json does not have “iptables: false”, restart Docker when no job is running: “systemctl restart docker” recreates its chains and rules.'

/**
 * Nothing left looks the same as `iptables: false`, where the daemon's configuration cannot be read: containers that run without
 * masquerading are an error in both cases.
 */
function severityOf({ state, unmasqueraded }: Flush, runner: View): Severity {
  if (state === 'empty' || writesRules(runner)) return 'error'
  return unmasqueraded.some(({ endpoints = 0 }) => endpoints > 0) ? 'error' : 'note'
}

const maxNames = 4

function namesOf(networks: { name: string }[]): string {
  const more = networks.length - maxNames
  const names = networks.slice(0, maxNames).map(({ name }) => name)
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const tablesText = (tables: Flush['tables']): string =>
  tables.length > 1
    ? `the tables ${tables.join(' and ')} have no rules`
    : `the table ${tables[0] ?? ''} has no rules`

function effectOf({ unmasqueraded, drops, state }: Flush): string {
  if (unmasqueraded.length > 0) return 'containers get no replies from outside'
  if (drops) return 'FORWARD drops the packets of containers'
  return state === 'nothing left'
    ? 'creating a network or publishing a port fails'
    : 'networks are no longer isolated from each other'
}

/** Programs that can have flushed the packet filter: none of them is proven. */
function suspectsIn(runner: View): string[] {
  const rules = seenIn(runner.rules)
  const firewalls = managersIn(runner).filter(({ kind }) => kind === 'firewall')
  return [
    ...(rules?.saved ?? [])
      .filter(({ flushes, enabled }) => flushes && enabled)
      .map(({ file, program }) => `${program} flushes the whole ruleset when it starts (${file})`),
    ...firewalls.map(({ name, evidence }) => `a firewall that can flush it: ${name} (${evidence})`),
    ...(rules?.writers ?? []).map(({ program, changes }) => `${program} changed rules ${changes} times`),
  ].slice(0, 6)
}

import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { remediationText } from '../../explain/remediation.ts'
import { burstsIn, ownersText, spanText, timeText } from '../../facts/queries/runner/churn.ts'
import { flushIn } from '../../facts/queries/runner/flush.ts'
import { isIsolation, isolationLossIn } from '../../facts/queries/runner/isolation-loss.ts'
import { rewritersIn } from '../../facts/queries/runner/managers.ts'
import { restoredCopyIn } from '../../facts/queries/runner/restored-copy.ts'
import { type RuleDrift, ruleDrift } from '../../facts/queries/runner/rule-drift.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<
  'networks' | 'links' | 'rules' | 'vantage' | 'engine' | 'churn' | 'programs' | 'daemons'
>

export default runnerCheck({
  id: 'bridge-churn-race',
  title: 'no Docker rule was lost to another program',
  fault:
    'Another program rewrote whole iptables tables while Docker networks were changing: Docker’s rules were lost and stale ones restored.',
  severity: 'error',
  advice: 'When no job is running, restart Docker: it recreates the rules of its networks.',
  covers: [
    'iptables-stale-bridge-rule',
    'docker-network-rules-missing',
    'container-no-egress',
    'networks-not-isolated',
    'published-port-unreachable',
    'containers-cannot-reach-each-other',
    'icc-not-enforced',
    'kube-router-overwriter-present',
    'docker-user-jump-flapping',
    'jump-position-fight',
    'bridge-churn-burst',
    'duplicate-rules',
  ],
  reads: ['runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.vantage', 'runner.engine', 'runner.churn', 'runner.programs', 'runner.daemons'],
  run: (runner) => {
    const lost = withoutOtherCauses(ruleDrift(runner), runner)
    return isRace(lost, runner) ? [faultOf(lost, runner)] : []
  },
})

/** Without bridges that were deleted, stale rules that a saved file holds, and the isolation that each start of a second engine deletes. */
function withoutOtherCauses(drift: RuleDrift, runner: View): RuleDrift {
  const engines = (runner.daemons ?? []).filter(({ writesRules }) => writesRules !== false).length
  const restored = restoredCopyIn(runner)?.saved !== undefined
  return {
    ...drift,
    staleBridges: restored ? [] : drift.staleBridges.filter(({ network }) => !network),
    unprotectedNetworks: drift.unprotectedNetworks.filter(
      ({ missing }) => engines < 2 || !missing.every(isIsolation),
    ),
  }
}

/**
 * A race takes a program that writes back whole tables, networks that changed meanwhile, and damage of both kinds or of several
 * networks. What a flush or a reload of firewalld explains is none.
 */
function isRace({ staleBridges, unprotectedNetworks }: RuleDrift, runner: View): boolean {
  const both = staleBridges.length > 0 && unprotectedNetworks.length > 0
  if (!both && Math.max(staleBridges.length, unprotectedNetworks.length) < 2) return false
  if (rewritersIn(runner).length === 0 || burstsIn(runner).length === 0) return false
  return !flushIn(runner) && !isolationLossIn(runner)
}

/** The limit of names in the message; the evidence has more. */
const maxNames = 4

function faultOf({ staleBridges, unprotectedNetworks }: RuleDrift, runner: View): Fault {
  const rewriters = rewritersIn(runner)
  const [first] = rewriters
  const found = [
    staleBridges.length > 0
      ? `${count(staleBridges.length, 'deleted bridge is', 'deleted bridges are')} still named (${listed(staleBridges.map(({ bridge }) => bridge))})`
      : '',
    unprotectedNetworks.length > 0
      ? `${count(unprotectedNetworks.length, 'existing network lacks', 'existing networks lack')} rules (${listed(unprotectedNetworks.map(({ network, bridge }) => `${network.name} on ${bridge}`))})`
      : '',
  ].filter(Boolean)
  return {
    subject: 'Docker rules',
    message: found.join('; '),
    title: `Bridge churn race: Docker and ${first?.name} overwrite each other’s rules; TCP to this host may time out.`,
    because: `${first?.name} reads a whole table and writes it back a moment later. Docker’s changes in between are lost, and no error is logged.`,
    // Outputs show only the first lines: the rewriting program and the network changes appear nowhere else.
    evidence: [
      ...rewriters.slice(0, 2).map(({ name, evidence }) => `rewrites whole tables: ${name} (${evidence})`),
      ...churnText(runner),
      ...unprotectedNetworks
        .slice(0, 24)
        .map(
          ({ network, bridge, present, missing }) =>
            `${network.name} (${bridge}): ${count(present, 'rule')} present, ${missing.length} missing`,
        ),
      ...staleBridges
        .slice(0, 48)
        .map(({ bridge, rules }) => `${bridge}: no such link, ${count(rules.length, 'rule')} left`),
    ],
    advice: remediationText(
      `When no job is running, restart Docker${staleBridges.length > 0 ? ', then delete the rules of deleted bridges (commands on the page)' : ': “systemctl restart docker”'}.`,
      runner,
    ),
  }
}

function listed(names: string[]): string {
  const more = names.length - maxNames
  return `${names.slice(0, maxNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function churnText(runner: View): string[] {
  const churn = seenIn(runner.churn)
  const worst = burstsIn(runner).toSorted((a, b) => b.peak60 - a.peak60)[0]
  if (!churn || !worst) return []
  const span = spanText(churn.window.to - churn.window.from)
  return [
    `${timeText(worst.from)} UTC: up to ${count(worst.peak60, 'network')} created or removed within 60 s (${ownersText(worst.owners)}); history of ${span}`,
  ]
}

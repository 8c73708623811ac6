import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { remediationText } from '../../explain/remediation.ts'
import { burstsIn, ownersText, spanText, timeText } from '../../facts/queries/runner/churn.ts'
import { rewritersIn } from '../../facts/queries/runner/managers.ts'
import { type RuleDrift, ruleDrift } from '../../facts/queries/runner/rule-drift.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'networks' | 'links' | 'rules' | 'vantage' | 'engine' | 'churn' | 'programs'>

export default runnerCheck({
  id: 'bridge-churn-race',
  title: 'no rule was lost between Docker and another program',
  fault:
    'Networks come and go while another program writes whole tables of rules: rules of Docker’s networks were lost, and others came back from the dead.',
  severity: 'error',
  advice: 'Restart Docker when no job runs: it writes the rules of its networks anew.',
  covers: [
    'iptables-stale-bridge-rule',
    'docker-network-rules-missing',
    'kube-router-overwriter-present',
    'docker-user-jump-flapping',
    'jump-position-fight',
    'bridge-churn-burst',
    'duplicate-rules',
  ],
  reads: ['runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.vantage', 'runner.engine', 'runner.churn', 'runner.programs'],
  run: (runner) => {
    const join = ruleDrift(runner)
    const stale = join.stale.filter(({ network }) => !network)
    const moved = (seenIn(runner.churn)?.changes ?? []).some(
      ({ owner }) => owner !== 'regguard' && owner !== 'engine',
    )
    const rewriters = rewritersIn(runner)
    if (stale.length + join.bare.length === 0 || (!moved && rewriters.length === 0)) return []
    return [faultOf({ ...join, stale }, runner)]
  },
})

/** Names that are told in a sentence; the evidence has more of them. */
const maxNames = 4

function faultOf({ stale, bare }: RuleDrift, runner: View): Fault {
  const rewriters = rewritersIn(runner)
  const [first] = rewriters
  const found = [
    stale.length > 0
      ? `${count(stale.length, 'vanished bridge is', 'vanished bridges are')} still in the rules (${listed(stale.map(({ bridge }) => bridge))})`
      : '',
    bare.length > 0
      ? `${count(bare.length, 'live network lacks', 'live networks lack')} rules (${listed(bare.map(({ network, bridge }) => `${network.name} on ${bridge}`))})`
      : '',
  ].filter(Boolean)
  return {
    subject: 'rules of Docker',
    message: found.join('; '),
    title: `Bridge churn race: ${first ? `${first.name} and Docker write` : 'Docker and another program write'} over each other’s rules; TCP to this host may time out.`,
    because: first
      ? `${first.name} saves a whole table and writes it back a moment later; what Docker changed in between is undone, and nobody logs an error.`
      : 'Something saves a whole table and writes it back later; what Docker changed in between is undone, and nobody logs an error.',
    // Renderers show the first few: who rewrites and what came and went are told nowhere else.
    evidence: [
      ...rewriters.slice(0, 2).map(({ name, evidence }) => `rewrites: ${name} (${evidence})`),
      ...churnText(runner),
      ...bare
        .slice(0, 24)
        .map(
          ({ network, bridge, present, lacks }) =>
            `${network.name} (${bridge}): ${present} rules there, ${lacks.length} missing`,
        ),
      ...stale
        .slice(0, 48)
        .map(({ bridge, rules }) => `${bridge}: no such link, ${count(rules.length, 'rule')} left`),
    ],
    advice: remediationText(
      `When no job runs, restart Docker${stale.length > 0 ? ', and delete what vanished bridges left (the page has the commands)' : ' (systemctl restart docker)'}.`,
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
  if (!churn) return ['which networks came and went was not seen']
  const worst = burstsIn(runner).toSorted((a, b) => b.peak60 - a.peak60)[0]
  const span = spanText(churn.window.to - churn.window.from)
  if (!worst) return [`no network came or went in the last ${span}`]
  return [
    `${timeText(worst.from)} UTC: at most ${count(worst.peak60, 'network')} came or went within a minute (${ownersText(worst.owners)}); known of the last ${span}`,
  ]
}

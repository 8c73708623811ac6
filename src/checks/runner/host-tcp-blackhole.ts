import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { remediationText } from '../../explain/remediation.ts'
import { type InputRules, inputRules } from '../../facts/queries/runner/input-rules.ts'
import { managersIn } from '../../facts/queries/runner/managers.ts'
import { isNarrow, type PortsInState } from '../../facts/queries/runner/port-state.ts'
import { pingText, portsText, targetText, verb } from '../../facts/queries/runner/port-text.ts'
import {
  burstLines,
  faultyPorts,
  guessAdvice,
  isGuess,
  lostUpdateSigns,
  type PortFaultView,
  portConsults,
  portFault,
  portReads,
} from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

const look =
  'On the host, while it lasts: “iptables-save -c > rules.txt; nft list ruleset >> rules.txt”, and look in INPUT for the rule that drops and for the one that is gone.'

/** Incident C of a runner beside Kubernetes: timeouts, not refusals, while ping answers. */
export default runnerCheck({
  id: 'host-tcp-blackhole',
  title: 'TCP reaches the host',
  fault: 'The host is alive and drops TCP on its way in: connections to it time out.',
  severity: 'error',
  advice: look,
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['A', 'G'], runner).map((found): Fault => {
      const { target, dials } = found.row
      const alive = target.ping === 'answered' ? `a ping was ${pingText(target)}` : 'the host is there'
      const what = `${portsText(dials)} of ${targetText(target)} ${verb(dials, 'gives', 'give')} no answer, while ${alive}`
      const rules = rulesFor(found.row, runner)
      return portFault(found, runner, {
        message: isGuess(runner) && found.severity !== 'error' ? `${what}: ${bothReadings}` : what,
        ...titleOf(found.row),
        because: becauseOf(found.row, rules, runner),
        advice: adviceFor(found.severity === 'error', rules, runner),
        evidence: [...ruleLines(rules), ...lostUpdateSigns(runner), ...burstLines(runner)],
      })
    }),
})

function titleOf({ row, target }: PortsInState): { title?: string } {
  if (row === 'G')
    return { title: 'The host is alive and drops what no rule lets in: connections to it time out.' }
  return isNarrow(target)
    ? { title: 'The host drops connections to one of its ports, and to no other: they time out.' }
    : {}
}

const bothReadings =
  'either a firewall keeps containers out on purpose, or the rule that let them in was lost'

/** One port stands for all of them: they are in one row. */
function rulesFor({ target, dials: [dial] }: PortsInState, runner: PortFaultView): InputRules | undefined {
  const rules = seenIn(runner.rules)
  return rules && dial ? inputRules(rules, target.address, dial.port) : undefined
}

function becauseOf(
  { row, target }: PortsInState,
  rules: InputRules | undefined,
  runner: PortFaultView,
): string {
  const [drop] = rules?.drops ?? []
  if (drop) return `A rule drops it: “${drop.rule}”.`
  const lost = lostUpdateSigns(runner).length > 0
  if (isNarrow(target))
    return 'Closed ports refuse at once, and its queue has room: a rule drops this port alone.'
  if (row === 'A') {
    return `TCP alone is lost: ping and UDP reach the host's own stack.${lost ? ' Rules of this host were lost or written over.' : ''}`
  }
  const policy = rules?.dropPolicies[0]
  const dropped = policy === undefined ? 'What no rule lets in is dropped' : `The policy of ${policy} is DROP`
  if (lost)
    return `${dropped}, and rules were lost: a whole table was written back over what others had changed.`
  const firewall = managersIn(runner).find(({ kind }) => kind === 'firewall')
  if (firewall)
    return `${dropped}, and ${firewall.name} is in charge: it may keep these ports from containers on purpose.`
  return `${dropped}: no rule lets these ports in from containers, or the one that did was lost.`
}

const ruleLines = (rules: InputRules | undefined): string[] =>
  rules
    ? [
        ...rules.dropPolicies.map((chain) => `${chain}: policy DROP`),
        ...rules.drops.slice(0, 3).map(({ rule }) => rule),
      ]
    : []

function adviceFor(certain: boolean, rules: InputRules | undefined, runner: PortFaultView): string {
  if (!certain) return `${guessAdvice} ${look}`
  const [drop] = rules?.drops ?? []
  const next = drop
    ? `Find out what made the rule “${drop.rule}”, and take it out there.`
    : rules?.dropPolicies.length
      ? 'Have the rule that lets these ports in written again, by restarting what owns it (ufw reload, firewall-cmd --reload, systemctl restart tailscaled).'
      : look
  return lostUpdateSigns(runner).length > 0 ? remediationText(next, runner) : next
}

import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { remediationText } from '../../explain/remediation.ts'
import { type InputRules, inputRules } from '../../facts/queries/runner/input-rules.ts'
import { managersIn } from '../../facts/queries/runner/managers.ts'
import { closedPortsAnswer, type PortsInState } from '../../facts/queries/runner/port-state.ts'
import { pingText, portsText, targetText, verbFor } from '../../facts/queries/runner/port-text.ts'
import {
  burstLines,
  faultyPorts,
  lostUpdateSigns,
  nameListenersAdvice,
  type PortFaultView,
  portConsults,
  portFault,
  portReads,
  portsAreUnnamed,
} from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

const saveRulesAdvice =
  'On the host, while it lasts: “iptables-save -c > rules.txt; nft list ruleset >> rules.txt”, then check INPUT for the rule that drops and for the one that is missing.'

/** Seen on a runner next to Kubernetes (incident C): connections time out instead of being refused, while ping answers. */
export default runnerCheck({
  id: 'host-tcp-blackhole',
  title: 'TCP connections reach the host',
  fault: 'TCP black hole: the host is up but drops incoming TCP, so connections to it time out.',
  severity: 'error',
  advice: saveRulesAdvice,
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['tcp-dropped', 'policy-drop'], runner).map((found): Fault => {
      const { target, dials } = found.ports
      const isUp = target.ping === 'answered' ? `a ping was ${pingText(target)}` : 'the host is up'
      const what = `${portsText(dials)} of ${targetText(target)} ${verbFor(dials, 'does', 'do')} not answer, while ${isUp}`
      const rules = rulesFor(found.ports, runner)
      return portFault(found, runner, {
        message: portsAreUnnamed(runner) && found.severity !== 'error' ? `${what}: ${bothReadings}` : what,
        ...titleOf(found.ports),
        because: becauseOf(found.ports, rules, runner),
        advice: adviceFor(found.severity === 'error', rules, runner),
        evidence: [...ruleLines(rules), ...lostUpdateSigns(runner), ...burstLines(runner)],
      })
    }),
})

function titleOf({ state, target }: PortsInState): { title?: string } {
  if (state === 'policy-drop')
    return {
      title: 'Default drop: the host is up but drops what no rule accepts, so connections to it time out.',
    }
  return closedPortsAnswer(target)
    ? {
        title:
          'Port dropped: the host drops connections to one of its ports, and only to that, so they time out.',
      }
    : {}
}

const bothReadings = 'either a firewall blocks containers on purpose, or the rule that accepted them was lost'

/** The rules for the first port, which stands for all ports in its state. */
function rulesFor({ target, dials: [dial] }: PortsInState, runner: PortFaultView): InputRules | undefined {
  const rules = seenIn(runner.rules)
  return rules && dial ? inputRules(rules, target.address, dial.port) : undefined
}

function becauseOf(
  { state, target }: PortsInState,
  rules: InputRules | undefined,
  runner: PortFaultView,
): string {
  const [drop] = rules?.drops ?? []
  if (drop) return `A rule drops the packets: “${drop.rule}”.`
  const lost = lostUpdateSigns(runner).length > 0
  if (closedPortsAnswer(target))
    return 'Closed ports refuse at once, and the accept queue has room: a rule drops only this port.'
  if (state === 'tcp-dropped') {
    return `Only TCP is dropped: ping and UDP reach the host.${lost ? ' Rules of this host were lost or overwritten.' : ''}`
  }
  const policy = rules?.dropPolicies[0]
  const dropped =
    policy === undefined ? 'Packets that no rule accepts are dropped' : `The policy of ${policy} is DROP`
  if (lost)
    return `${dropped}, and rules were lost: a whole table was written back over the changes of other programs.`
  const firewall = managersIn(runner).find(({ kind }) => kind === 'firewall')
  if (firewall)
    return `${dropped}, and ${firewall.name} manages the rules: it may block these ports for containers on purpose.`
  return `${dropped}: no rule accepts these ports from containers, or the one that did was lost.`
}

const ruleLines = (rules: InputRules | undefined): string[] =>
  rules
    ? [
        ...rules.dropPolicies.map((chain) => `${chain}: policy DROP`),
        ...rules.drops.slice(0, 3).map(({ rule }) => rule),
      ]
    : []

function adviceFor(certain: boolean, rules: InputRules | undefined, runner: PortFaultView): string {
  if (!certain) return `${nameListenersAdvice} ${saveRulesAdvice}`
  const [drop] = rules?.drops ?? []
  const next = drop
    ? `Find what created the rule “${drop.rule}”, and remove it there.`
    : rules?.dropPolicies.length
      ? 'Restore the rule that accepts these ports by restarting its owner: “ufw reload”, “systemctl restart tailscaled”, or “firewall-cmd --reload” followed by a restart of Docker.'
      : saveRulesAdvice
  return lostUpdateSigns(runner).length > 0 ? remediationText(next, runner) : next
}

import { seenIn } from '../../core/observed.ts'
import { inputRules } from '../../facts/queries/runner/input-rules.ts'
import { portsText, targetText, verb } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, guessAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-firewall-reject',
  title: 'no firewall refuses connections to the host',
  fault:
    'A firewall refuses connections to the host, and says so at once: no race, a rule that stands there.',
  severity: 'error',
  advice:
    'Let containers in where they should come in: with firewalld “firewall-cmd --permanent --zone=docker --add-port=PORT/tcp && firewall-cmd --reload”; else find the rule with “iptables-save | grep REJECT; nft list ruleset | grep -i reject”.',
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['B'], runner).map((found) => {
      const { dials, target } = found.row
      const [dial] = dials
      const rules = seenIn(runner.rules)
      const rejects = rules && dial ? inputRules(rules, target.address, dial.port).rejects : []
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verb(dials, 'is', 'are')} refused by a firewall`,
        evidence: rejects.slice(0, 3),
        ...(found.severity === 'error' ? {} : { advice: guessAdvice }),
      })
    }),
})

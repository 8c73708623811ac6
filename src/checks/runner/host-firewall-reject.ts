import { seenIn } from '../../core/observed.ts'
import { inputRules } from '../../facts/queries/runner/input-rules.ts'
import { portsText, targetText, verbFor } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, nameListenersAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-firewall-reject',
  title: 'no firewall rejects connections to the host',
  fault:
    'Rejected by a firewall: a configured rule refuses connections to the host at once, so this is not a race.',
  severity: 'error',
  advice:
    'Allow containers to connect if they should: with firewalld, “firewall-cmd --permanent --zone=docker --add-port=PORT/tcp && firewall-cmd --reload”; otherwise find the rule with “iptables-save | grep REJECT; nft list ruleset | grep -i reject”.',
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['rejected'], runner).map((found) => {
      const { dials, target } = found.ports
      const [dial] = dials
      const rules = seenIn(runner.rules)
      const rejects = rules && dial ? inputRules(rules, target.address, dial.port).rejects : []
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verbFor(dials, 'is', 'are')} rejected by a firewall`,
        evidence: rejects.slice(0, 3),
        ...(found.severity === 'error' ? {} : { advice: nameListenersAdvice }),
      })
    }),
})

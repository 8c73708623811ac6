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
    'Accept the port from the subnet of the containers, if they should reach it. With firewalld: “firewall-cmd --add-rich-rule="rule family=ipv4 source address=SUBNET port port=PORT protocol=tcp accept"”, and the same with --permanent; otherwise find the rule: “iptables-save | grep REJECT; nft list ruleset | grep -i reject”.',
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

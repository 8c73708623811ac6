import { seenIn } from '../../core/observed.ts'
import { listenerAt } from '../../facts/queries/runner/port-state.ts'
import { portsText, targetText, verb } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-port-refused',
  title: 'something listens on every port that must answer',
  fault: 'Nothing listens on a port that the setting `listeners` names.',
  severity: 'error',
  advice:
    'Start the service, let it listen on that address, or correct the setting listeners: “ss -ltnp” on the host shows who listens where.',
  reads: portReads,
  consults: portConsults,
  run: (runner) => {
    const ports = seenIn(runner.ports)
    // Ports that nobody named may be closed; one that a program listens on, and that refuses, is bound to some device.
    if (ports?.chosen !== 'settings') return []
    return faultyPorts(['closed'], runner).map((found) => {
      const { dials, target } = found.row
      const listening = dials.find(({ port }) => listenerAt(ports.listeners, target.address, port))
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verb(dials, 'refuses', 'refuse')} the connection`,
        ...(listening
          ? {
              because: `A program listens on ${listening.port}: a rule refuses it here, or it is bound to another device.`,
              advice:
                'Look for the rule, or for the device it is bound to: “iptables-save | grep REJECT; ss -ltnp” on the host.',
            }
          : {}),
      })
    })
  },
})

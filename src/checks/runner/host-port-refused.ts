import { seenIn } from '../../core/observed.ts'
import { listenerAt } from '../../facts/queries/runner/port-state.ts'
import { portsText, targetText, verbFor } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-port-refused',
  title: 'a service listens on every port in listeners',
  fault: 'Connection refused: nothing listens on a port that the setting `listeners` names.',
  severity: 'error',
  advice:
    'Start the service, make it listen on that address, or correct the setting listeners: “ss -ltnp” on the host lists all listening sockets.',
  reads: portReads,
  consults: portConsults,
  run: (runner) => {
    const ports = seenIn(runner.ports)
    // Ports that the settings do not name may be closed, or bound to one interface.
    if (ports?.chosen !== 'settings') return []
    return faultyPorts(['closed'], runner).map((found) => {
      const { dials, target } = found.ports
      const listening = dials.find(({ port }) => listenerAt(ports.listeners, target.address, port))
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verbFor(dials, 'refuses', 'refuse')} the connection`,
        ...(listening
          ? {
              because: `A program listens on port ${listening.port}: a rule rejects the connection, or the socket is bound to another interface.`,
              advice:
                'Find the rule, or the interface that the socket is bound to: “iptables-save | grep REJECT; ss -ltnp” on the host.',
            }
          : {}),
      })
    })
  },
})

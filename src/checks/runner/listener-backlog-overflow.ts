import { alternativesOf } from '../../facts/queries/runner/alternative-causes.ts'
import { portsText, targetText, verbFor } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, nameListenersAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'listener-backlog-overflow',
  title: 'host services accept connections in time',
  fault: 'Accept queue full: a host service does not accept its connections, and the kernel drops new ones.',
  severity: 'error',
  advice:
    'On the host, check the queue (full when Recv-Q is above Send-Q), and restart the program that owns it: “ss -ltnp; nstat -asz TcpExtListenOverflows TcpExtListenDrops”.',
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['backlog-full'], runner).map((found) => {
      const { dials, target } = found.ports
      const proven = alternativesOf(found.ports, runner).some(({ stands }) => stands === 'supported')
      const message = `${portsText(dials)} of ${targetText(target)} ${verbFor(dials, 'does', 'do')} not answer, while closed ports refuse at once`
      return portFault(found, runner, {
        message: proven ? message : `${message}: its accept queue is full, or a rule drops only this port`,
        ...(found.severity === 'error' ? {} : { advice: `${nameListenersAdvice} ${checkQueue}` }),
      })
    }),
})

const checkQueue =
  'On the host, “ss -ltn” shows whether the queue is full (Recv-Q above Send-Q) or a rule drops.'

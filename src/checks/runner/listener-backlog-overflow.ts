import { alternativesOf } from '../../facts/queries/runner/alternative-causes.ts'
import { portsText, targetText, verb } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, guessAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'listener-backlog-overflow',
  title: 'services of the host accept connections in time',
  fault:
    'A service of the host does not accept connections: its queue is full, and the kernel drops what comes.',
  severity: 'error',
  advice:
    'Look on the host at the queue (Recv-Q over Send-Q is full) and at the program, and restart that: “ss -ltnp; nstat -az TcpExtListenOverflows TcpExtListenDrops”.',
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['C'], runner).map((found) => {
      const { dials, target } = found.row
      const proven = alternativesOf(found.row, runner).some(({ stands }) => stands === 'supported')
      const what = `${portsText(dials)} of ${targetText(target)} ${verb(dials, 'gives', 'give')} no answer, while closed ports refuse at once`
      return portFault(found, runner, {
        message: proven ? what : `${what}: its queue is full, or a rule drops this port alone`,
        ...(found.severity === 'error' ? {} : { advice: `${guessAdvice} ${see}` }),
      })
    }),
})

const see = 'On the host, “ss -ltn” tells a full queue (Recv-Q over Send-Q) from a rule.'

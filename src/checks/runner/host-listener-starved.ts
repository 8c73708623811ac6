import { starvation } from '../../facts/queries/runner/alternative-rules.ts'
import { portsText, targetText, verbFor } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, nameListenersAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-listener-starved',
  title: 'host services respond',
  fault: 'Service not responding: the host accepts the connection, but the service sends no greeting.',
  severity: 'error',
  advice:
    'Check on the host that the service runs and gets CPU time: “systemctl status ssh; cat /proc/pressure/cpu /proc/pressure/io; top -b -n 1 | head -20”.',
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['starved'], runner).map((found) => {
      const { dials, target } = found.ports
      const isStarved = starvation(found.ports, runner).stands === 'supported'
      const unnamed =
        found.severity === 'error' ? {} : { advice: `${nameListenersAdvice} ${clientSpeaksFirst}` }
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verbFor(dials, 'is open but sends', 'are open but send')} no greeting, although such a service speaks first`,
        ...(isStarved
          ? {
              because: 'Jobs use up the CPU, I/O or memory that the host services need.',
              advice:
                'Limit the jobs: set CPU and memory limits for their containers, run fewer at once (WOODPECKER_MAX_WORKFLOWS of the agent, “runner.capacity” of a Forgejo runner), or move the runner to another machine.',
            }
          : unnamed),
      })
    }),
})

const clientSpeaksFirst =
  'A service that waits for the client to speak first is healthy, and not a fault of the runner.'

import { alternativesOf } from '../../facts/queries/runner/alternative-causes.ts'
import { portsText, targetText, verb } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, guessAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-listener-starved',
  title: 'services of the host get to answer',
  fault: 'The host accepts connections, and the service behind them says nothing.',
  severity: 'error',
  advice:
    'Look on the host whether the service runs and gets CPU time: “systemctl status ssh; cat /proc/pressure/cpu /proc/pressure/io; top -b -n 1 | head -20”.',
  reads: portReads,
  consults: portConsults,
  run: (runner) =>
    faultyPorts(['D'], runner).map((found) => {
      const { dials, target } = found.row
      const starved = alternativesOf(found.row, runner).some(
        ({ what, stands }) => what.startsWith('programs of the host') && stands === 'supported',
      )
      const guess = found.severity === 'error' ? {} : { advice: `${guessAdvice} ${other}` }
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verb(dials, 'is', 'are')} open, and no greeting comes, though such a service speaks first`,
        ...(starved
          ? {
              because: 'Jobs take what the services of the host need.',
              advice:
                'Limit what jobs may take: CPU and memory limits for their containers, fewer at once (WOODPECKER_MAX_WORKFLOWS of the agent, “runner.capacity” of a Forgejo runner), or a runner on another machine.',
            }
          : guess),
      })
    }),
})

const other = 'A service that waits for the client to speak first is healthy, and no fault of the runner.'

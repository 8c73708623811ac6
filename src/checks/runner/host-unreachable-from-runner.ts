import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { slowMs } from '../../facts/queries/runner/port-state.ts'
import { msText, portsText, targetText } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, guessAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-unreachable-from-runner',
  title: 'there is a way from the runner to every host that must answer',
  fault:
    'There is no way from the runner to a host that must answer: no such neighbour, no route, or no such name.',
  severity: 'error',
  advice:
    'Look whether the host is on and still has that address: “ip route get ADDRESS; ip neigh show ADDRESS” on the runner, “ip address” on the host.',
  reads: portReads,
  consults: portConsults,
  run: (runner): Fault[] => {
    const ports = seenIn(runner.ports)
    const unreached = faultyPorts(['F'], runner).map((found) => {
      const { dials, target } = found.row
      const [dial] = dials
      const slow = (dial?.ms ?? 0) > slowMs
      return portFault(found, runner, {
        message: `no way to ${portsText(dials)} of ${targetText(target)}`,
        because: slow
          ? `Nobody answered for that address in ${msText(dial?.ms ?? 0)}: the machine is off, its link is down, or the address is another's now.`
          : 'A router on the way, or this machine itself, has no route.',
        ...(found.severity === 'error' ? {} : { advice: guessAdvice }),
      })
    })
    const undialled = (ports?.chosen === 'settings' ? (ports.skipped ?? []) : []).map(({ what, why }) => ({
      subject: what,
      message: `not dialled: ${why}`,
      advice: 'Correct this item of the setting listeners, or its name: “getent ahosts NAME” on the runner.',
    }))
    return [...unreached, ...undialled]
  },
})

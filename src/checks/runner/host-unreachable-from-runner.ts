import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { slowMs } from '../../facts/queries/runner/port-state.ts'
import { msText, portsText, targetText, verbFor } from '../../facts/queries/runner/port-text.ts'
import { faultyPorts, nameListenersAdvice, portConsults, portFault, portReads } from '../port-fault.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'host-unreachable-from-runner',
  title: 'every host that must answer is reachable from the runner',
  fault:
    'Host unreachable: the runner has no neighbour entry, no route or no address for a host that must answer.',
  severity: 'error',
  advice:
    'Check that the host is on and still has that address: “ip route get ADDRESS; ip neigh show ADDRESS” on the runner, “ip address” on the host.',
  reads: portReads,
  consults: portConsults,
  run: (runner): Fault[] => {
    const ports = seenIn(runner.ports)
    const unreachable = faultyPorts(['no-route'], runner).map((found) => {
      const { dials, target } = found.ports
      const [dial] = dials
      const slow = (dial?.ms ?? 0) > slowMs
      return portFault(found, runner, {
        message: `${portsText(dials)} of ${targetText(target)} ${verbFor(dials, 'is', 'are')} unreachable`,
        because: slow
          ? `No neighbour answered for that address in ${msText(dial?.ms ?? 0)}: the host is off, its link is down, or it has another address now.`
          : 'A router on the path, or this machine itself, has no route.',
        ...(found.severity === 'error' ? {} : { advice: nameListenersAdvice }),
      })
    })
    const undialled = (ports?.chosen === 'settings' ? (ports.skipped ?? []) : []).map(({ what, why }) => ({
      subject: what,
      message: `not dialled: ${why}`,
      advice:
        'Correct this entry of the setting listeners, or make its name resolvable: “getent ahosts NAME” on the runner.',
    }))
    return [...unreachable, ...undialled]
  },
})

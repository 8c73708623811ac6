import { onlyRunner } from '../facts/only-runner.ts'
import type { RunnerFact } from '../facts/runner.ts'
import type { Settings } from '../settings/schema.ts'
import hostListenerStarved from './runner/host-listener-starved.ts'
import hostTcpBlackhole from './runner/host-tcp-blackhole.ts'
import hostUnreachableFromRunner from './runner/host-unreachable-from-runner.ts'
import listenerBacklogOverflow from './runner/listener-backlog-overflow.ts'

const outageChecks = [
  hostTcpBlackhole,
  hostUnreachableFromRunner,
  hostListenerStarved,
  listenerBacklogOverflow,
]

/**
 * Says of one look after the other whether ports of the host are dead. A host that drops the usual ports may do so by policy:
 * where nobody named them, they are dead only after one of them was open in an earlier look.
 */
export function createDeadPorts(settings: Settings): (runner: RunnerFact) => boolean {
  let wasOpen = false
  return (runner) => {
    const faults = outageChecks.flatMap(({ run, severity }) =>
      run(onlyRunner(runner), settings).map((fault) => fault.severity ?? severity),
    )
    const targets = runner.ports.seen ? runner.ports.value.targets : []
    const dead = faults.includes('error') || (wasOpen && faults.includes('warning'))
    wasOpen ||= targets.some(({ ports }) => ports.some(({ result }) => result === 'open'))
    return dead
  }
}

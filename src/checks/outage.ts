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
 * A function that decides, sample by sample, whether the host's ports are down. A host can drop the usual ports by policy: where
 * the settings name none, they count as down only once one of them was open in an earlier sample.
 */
export function createOutageDetector(settings: Settings): (runner: RunnerFact) => boolean {
  let wasOpen = false
  return (runner) => {
    const faults = outageChecks.flatMap(({ run, severity }) =>
      run(onlyRunner(runner), settings).map((fault) => fault.severity ?? severity),
    )
    const targets = runner.ports.seen ? runner.ports.value.targets : []
    const down = faults.includes('error') || (wasOpen && faults.includes('warning'))
    wasOpen ||= targets.some(({ ports }) => ports.some(({ result }) => result === 'open'))
    return down
  }
}

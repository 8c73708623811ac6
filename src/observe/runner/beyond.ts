import type { PathFact } from '../../facts/path.ts'
import type { RunnerFact } from '../../facts/runner.ts'
import { addressClass } from '../../net/address-class.ts'

/**
 * Adds to the ports of a host whether this process reached anything beyond it meanwhile: then only the host itself is dead.
 * Nothing is added where nobody tried.
 */
export function withBeyond(runner: RunnerFact, { hosts }: Pick<PathFact, 'hosts'>): RunnerFact {
  if (!runner.ports.seen || hosts.length === 0) return runner
  const dialled = new Set(runner.ports.value.targets.map(({ address }) => address))
  const away = hosts.some(({ addresses }) =>
    addresses.some((address) => !dialled.has(address) && addressClass(address) !== 'loopback'),
  )
  const beyond = away ? 'reached' : 'not reached'
  return { ...runner, ports: { ...runner.ports, value: { ...runner.ports.value, beyond } } }
}

import type { PathFact } from '../../facts/path.ts'
import type { RunnerFact } from '../../facts/runner.ts'
import { isLoopback } from '../../net/address-class.ts'

/**
 * Adds to the dialled ports whether this process reached anything beyond the host meanwhile. If it did, only the host itself
 * is unreachable. Adds nothing where no other host was contacted.
 */
export function withBeyond(runner: RunnerFact, { hosts }: Pick<PathFact, 'hosts'>): RunnerFact {
  if (!runner.ports.seen || hosts.length === 0) return runner
  const dialled = new Set(runner.ports.value.targets.map(({ address }) => address))
  const reached = hosts.some(({ addresses }) =>
    addresses.some((address) => !dialled.has(address) && !isLoopback(address)),
  )
  const beyond = reached ? 'reached' : 'not reached'
  return { ...runner, ports: { ...runner.ports, value: { ...runner.ports.value, beyond } } }
}

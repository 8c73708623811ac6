import type { Fault } from '../core/finding.ts'
import { firstOf } from '../core/names.ts'
import { count } from '../core/units.ts'
import type { FluxSource } from '../facts/cluster/flux.ts'
import { pullKinds } from '../facts/cluster/pull-kinds.ts'

/** The finding about a source whose fetch failed. Sources of one host that fail alike have one cause. */
export function fluxFault({
  name,
  error,
  reason,
  text,
  dependents,
  dependentCount,
}: FluxSource): Fault & { evidence: string[] } {
  const { kind, phase, host, address, status } = error
  const place = [host, address].filter(Boolean).join(' at ')
  const what =
    kind === 'unclassified'
      ? reason
      : `${phase}: ${pullKinds[kind].text}${status === undefined ? '' : ` (HTTP ${status})`}`
  const states = [...Map.groupBy(dependents, ({ state }) => state)].map(
    ([state, all]) => `${state}: ${firstOf(all.map((one) => one.name))}`,
  )
  return {
    subject: name,
    message: `${[what, place].filter(Boolean).join(', ')}; ${dependentCount === 0 ? 'nothing takes from it' : `${count(dependentCount, 'object takes', 'objects take')} from it`}`,
    evidence: [text, ...states].filter(Boolean),
    cause: kind === 'unclassified' ? `${host} ${reason}` : `${host} ${phase} ${kind} ${status ?? ''}`,
  }
}

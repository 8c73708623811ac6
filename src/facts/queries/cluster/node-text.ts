import { firstOf } from '../../../core/names.ts'
import { count } from '../../../core/units.ts'
import type { MachineFact } from '../../path/machine.ts'
import { alike, type NodeOutcome, nodesIn } from './node-rows.ts'

/** `1 of 7 nodes (node-3)`, `all 7 nodes`. */
export function ofNodes(nodes: readonly string[], of: number): string {
  if (of > 1 && nodes.length === of) return `all ${count(of, 'node')}`
  return of > nodes.length
    ? `${nodes.length} of ${count(of, 'node')} (${firstOf(nodes)})`
    : `${count(nodes.length, 'node')} (${firstOf(nodes)})`
}

/** How one outcome fails: `203.0.113.7: connection timed out after 5 s (1 of 3)`. */
export function failureText({ failure }: NodeOutcome): string {
  if (!failure) return 'no outcome'
  const { address, why, failed, of } = failure
  const often = of > 1 ? ` (${failed} of ${of})` : ''
  return `${address === undefined ? '' : `${address}: `}${why.detail}${often}`
}

/** One line for the nodes that fail alike: `node-3: 203.0.113.7: connection timed out after 5 s (3 of 3)`. */
export const failureLines = (outcomes: readonly NodeOutcome[]): string[] =>
  alike(outcomes).map((same) => `${firstOf(nodesIn(same))}: ${same[0] ? failureText(same[0]) : ''}`)

/** Where others get through: `node-1, node-2 and 4 more get through, at 10.0.0.10`. */
export function workingText(outcomes: readonly NodeOutcome[]): string {
  const nodes = nodesIn(outcomes)
  const addresses = [...new Set(outcomes.flatMap(({ answered }) => answered))]
  const at = addresses.length > 0 ? `, at ${firstOf(addresses)}` : ''
  return `${firstOf(nodes)} ${nodes.length === 1 ? 'gets' : 'get'} through${at}`
}

/** `eth0 MTU 1500 · default route 10.0.0.1 · resolvers 10.0.0.53`. */
export function machineText({ device, mtu, gateway, resolvers }: MachineFact): string {
  return [
    device === undefined ? 'no default route' : `${device}${mtu === undefined ? '' : ` MTU ${mtu}`}`,
    ...(gateway === undefined ? [] : [`default route ${gateway}`]),
    resolvers.length > 0 ? `resolvers ${resolvers.join(', ')}` : 'no resolver',
  ].join(' · ')
}

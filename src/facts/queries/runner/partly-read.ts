import type { Remedy } from '../../../core/remedy.ts'
import type { RunnerArea, RunnerFact } from '../../runner.ts'

/** Why an area that was seen is incomplete, so that what is not in it may still exist. */
export interface Gap {
  why: string
  remedies: Remedy[]
}

/** Rules of a backend that could not be read. */
export function gapIn({ rules }: Pick<RunnerFact, 'rules'>, area: RunnerArea): Gap | undefined {
  const [first] = area === 'rules' && rules.seen ? rules.value.unread : []
  if (!first) return undefined
  const program = { nft: 'iptables-nft', legacy: 'iptables-legacy', native: 'nft' }[first.backend]
  return { why: `rules of ${program} were not read: ${first.why}`, remedies: ['host-snapshot', 'net-admin'] }
}

import { managerNamed, managerOfChain, managerOfTable } from '../runner/known-managers.ts'
import type { Place } from './model.ts'

/**
 * The program whose table or chain this is, where it would undo a rule that others add there: it writes it again as a whole, or
 * moves its own rules to the top. Undefined where a rule that is inserted stays.
 */
export function rewriterOf(at: Place): string | undefined {
  const { table } = at.base
  const owner = table.backend === 'native' ? managerOfTable(table.name) : savedOwner(at)
  if (owner === undefined) return undefined
  const isWhole =
    table.backend === 'native' || ['firewall', 'kubernetes'].includes(managerNamed(owner)?.kind ?? '')
  return isWhole ? owner : undefined
}

/** A built-in chain is of the firewall that set its policy, or that ends it with a rule that rejects all. */
function savedOwner({ base: { table, chain: base }, chain, rule }: Place): string | undefined {
  if (chain !== base.name) return managerOfChain(chain)
  if (rule !== undefined && !/^-j (?:REJECT|DROP)\b/.test(rule)) return undefined
  const owners = [...table.chains.keys()].map(managerOfChain)
  return ['ufw', 'firewalld', 'CSF'].find((name) => owners.includes(name))
}

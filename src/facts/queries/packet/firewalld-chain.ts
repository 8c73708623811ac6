import type { Place } from './model.ts'

/** Chains that are of no zone: they lead to those that are. */
const common = /^(?:POLICIES|(?:IN_|OUT_)?ZONES)$/

/**
 * The zone or the policy of firewalld that a chain is of: it is named after it, as in `filter_FWD_public`, `filter_FWDI_docker_deny` or
 * `filter_FWD_policy_docker-forwarding_allow`. Undefined for chains of all zones, and of other programs.
 */
export function firewalldPart({
  base: { table },
  chain,
}: Place): { kind: 'zone' | 'policy'; name: string } | undefined {
  if (table.name !== 'firewalld') return undefined
  const [, name] = /^[a-z]+_[A-Z]+_(.+?)(?:_(?:pre|log|deny|allow|post))?$/.exec(chain) ?? []
  if (name === undefined || common.test(name)) return undefined
  return name.startsWith('policy_')
    ? { kind: 'policy', name: name.slice('policy_'.length) }
    : { kind: 'zone', name }
}

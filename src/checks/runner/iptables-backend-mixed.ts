import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { managerOfChain } from '../../facts/queries/runner/known-managers.ts'
import type { RulesFact, TableFact } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'iptables-backend-mixed',
  title: 'all rules are in one backend of iptables',
  fault:
    'Rules lie in both backends of iptables, nft and legacy: the kernel asks both, and each program sees only one.',
  severity: 'error',
  advice:
    'Let all programs use one: update-alternatives --set iptables /usr/sbin/iptables-nft (k3s: --prefer-bundled-bin), and reboot to be rid of the other’s rules.',
  reads: ['runner.rules'],
  run: (runner) => {
    const rules = seenIn(runner.rules)
    return rules ? faults(rules) : []
  },
})

type Backend = 'nft' | 'legacy'

function faults({ tables }: RulesFact): Fault[] {
  const held = { nft: contentOf(tables, 'nft'), legacy: contentOf(tables, 'legacy') }
  if (held.nft.rules === 0 || held.legacy.rules === 0) return []
  const twice = [...held.nft.managers].filter((name) => held.legacy.managers.has(name))
  const evidence = (['nft', 'legacy'] as Backend[]).map((backend) => {
    const { rules, managers } = held[backend]
    return `iptables-${backend}: ${count(rules, 'rule')}${managers.size > 0 ? ` (${[...managers].join(', ')})` : ''}`
  })
  const split = twice.length > 0
  return [
    {
      subject: 'iptables',
      message: `${held.nft.rules} rules in nft, ${held.legacy.rules} in legacy${split ? `; ${twice.join(' and ')} in both` : ''}`,
      severity: split ? 'error' : 'warning',
      evidence,
      ...(split
        ? {
            title: `${twice.join(' and ')} wrote to both backends of iptables: half of its rules are old, and the kernel obeys them.`,
          }
        : {}),
    },
  ]
}

/** Rules and whose they are; a policy alone, or a chain without rules, is left over from a look. */
function contentOf(tables: TableFact[], backend: Backend): { rules: number; managers: Set<string> } {
  const chains = tables
    .filter((table) => table.backend === backend)
    .flatMap((table) => table.chains)
    .filter(({ rules }) => rules.length > 0)
  return {
    rules: chains.reduce((sum, { rules }) => sum + rules.length, 0),
    managers: new Set(chains.flatMap(({ name }) => managerOfChain(name) ?? [])),
  }
}

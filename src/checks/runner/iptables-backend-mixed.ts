import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { managerOfChain } from '../../facts/queries/runner/known-managers.ts'
import type { RulesFact, TableFact } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'iptables-backend-mixed',
  title: 'all rules are in one iptables backend',
  fault:
    'Mixed iptables backends: both nft and legacy hold rules; the kernel applies both, but each program sees only one.',
  severity: 'error',
  advice:
    'Make all programs use one backend: “update-alternatives --set iptables /usr/sbin/iptables-nft” (k3s: --prefer-bundled-bin), then reboot when no job is running, which clears the rules of the other.',
  reads: ['runner.rules'],
  run: (runner) => {
    const rules = seenIn(runner.rules)
    return rules ? faults(rules) : []
  },
})

type Backend = 'nft' | 'legacy'

function faults({ tables }: RulesFact): Fault[] {
  const content = { nft: contentOf(tables, 'nft'), legacy: contentOf(tables, 'legacy') }
  if (content.nft.rules === 0 || content.legacy.rules === 0) return []
  const inBoth = [...content.nft.managers].filter((name) => content.legacy.managers.has(name))
  const evidence = (['nft', 'legacy'] as Backend[]).map((backend) => {
    const { rules, managers } = content[backend]
    return `iptables-${backend}: ${count(rules, 'rule')}${managers.size > 0 ? ` (${[...managers].join(', ')})` : ''}`
  })
  return [
    {
      subject: 'iptables',
      message: `${content.nft.rules} rules in nft, ${content.legacy.rules} in legacy${inBoth.length > 0 ? `; ${inBoth.join(' and ')} in both` : ''}`,
      severity: inBoth.length > 0 ? 'error' : 'warning',
      evidence,
      ...(inBoth.length > 0
        ? {
            title: `Mixed iptables backends: ${inBoth.join(' and ')} wrote rules to both; half of them are stale, and the kernel still applies them.`,
          }
        : {}),
    },
  ]
}

/** The number of rules and their owners. A policy or an empty chain does not count: reading a table can create it. */
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

import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import type { TableFact } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'duplicate-rules',
  title: 'no rule is there twice',
  fault:
    'Rules are there more than once: a program adds its rules again without looking whether it has them.',
  severity: 'note',
  advice:
    'Restart the program that owns the chain; if the copies grow, its rules and those of another program are written over each other.',
  reads: ['runner.rules'],
  run: (runner) => (seenIn(runner.rules)?.tables ?? []).flatMap(faultOf),
})

function faultOf(table: TableFact): Fault[] {
  if (table.backend === 'native') return []
  const twice = table.chains.flatMap(({ name, rules }) => {
    const copies = new Map<string, number>()
    for (const rule of rules) copies.set(rule, (copies.get(rule) ?? 0) + 1)
    return [...copies].filter(([, n]) => n > 1).map(([rule, n]) => ({ rule: `${name} ${rule}`, n }))
  })
  if (twice.length === 0) return []
  const worst = twice.toSorted((a, b) => b.n - a.n)
  return [
    {
      subject: `table ${table.family === 'ip6' ? 'ip6 ' : ''}${table.name} (iptables-${table.backend})`,
      message: `${count(twice.length, 'rule is', 'rules are')} there more than once`,
      evidence: worst.slice(0, 8).map(({ rule, n }) => `${n} times: ${rule}`),
      cause: 'duplicates',
    },
  ]
}

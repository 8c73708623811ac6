import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import type { TableFact } from '../../facts/runner.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'duplicate-rules',
  title: 'no rule is duplicated',
  fault: 'Duplicate rules: a program adds its rules again without checking whether they exist.',
  severity: 'note',
  advice:
    'Restart the program that owns the chain; if the number of copies grows, it and another program overwrite each other’s rules.',
  reads: ['runner.rules'],
  run: (runner) => (seenIn(runner.rules)?.tables ?? []).flatMap(faultOf),
})

function faultOf(table: TableFact): Fault[] {
  if (table.backend === 'native') return []
  const duplicates = table.chains.flatMap(({ name, rules }) => {
    const copies = new Map<string, number>()
    for (const rule of rules) copies.set(rule, (copies.get(rule) ?? 0) + 1)
    return [...copies].filter(([, n]) => n > 1).map(([rule, n]) => ({ rule: `${name} ${rule}`, n }))
  })
  if (duplicates.length === 0) return []
  const byCopies = duplicates.toSorted((a, b) => b.n - a.n)
  return [
    {
      subject: `table ${table.family === 'ip6' ? 'ip6 ' : ''}${table.name} (iptables-${table.backend})`,
      message: count(duplicates.length, 'duplicated rule'),
      evidence: byCopies.slice(0, 8).map(({ rule, n }) => `${n} copies: ${rule}`),
      cause: 'duplicates',
    },
  ]
}

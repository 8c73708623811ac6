import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { linesOf } from './lines.ts'
import { outputOf } from './program-output.ts'
import type { Window } from './window.ts'

type Writers = Pick<RulesFact, 'writers' | 'unwatched'>

const maxPrograms = 100
const monitorLimit = 8 * 1024 * 1024
/** `nft monitor` holds all rules in memory: 380 MB for 100,000 (measured, nft 1.0.6). */
const maxRules = 20_000

/** A table that iptables shares with all programs. */
const sharedTable = /^(delete|add) table (ip6? (?:filter|nat|mangle|raw|security))$/

/**
 * Parses `nft monitor`, which prints `# new generation 87 by process 6119 (iptables)` after each change. Without `--noflush`,
 * iptables-restore deletes the table and adds it again (measured with 1.8.9).
 */
export function parseWriters(text: string): RulesFact['writers'] {
  const writers = new Map<string, { changes: number; rewrites: number }>()
  let deleted = new Set<string>()
  let isRewrite = false
  for (const line of linesOf(text)) {
    const [, what, table = ''] = sharedTable.exec(line) ?? []
    if (what === 'delete') deleted.add(table)
    if (what === 'add' && deleted.has(table)) isRewrite = true
    const program = /^# new generation \d+ by process \d+ \((.{1,64})\)$/.exec(line)?.[1]
    if (program === undefined) continue
    const { changes, rewrites } = writers.get(program) ?? { changes: 0, rewrites: 0 }
    if (changes > 0 || writers.size < maxPrograms)
      writers.set(program, { changes: changes + 1, rewrites: rewrites + (isRewrite ? 1 : 0) })
    deleted = new Set()
    isRewrite = false
  }
  return [...writers]
    .map(([program, { changes, rewrites }]) => ({ program, changes, ...(rewrites > 0 ? { rewrites } : {}) }))
    .toSorted((a, b) => b.changes - a.changes)
}

/** The programs that change rules during the window, as the kernel reports them. It does not report changes by iptables-legacy. */
export async function watchWriters(
  access: HostAccess,
  window: Window,
  { rules, nft }: { rules: number; nft: boolean },
): Promise<Writers> {
  if (!nft) return { writers: [], unwatched: 'nft could not be queried' }
  if (rules > maxRules)
    return { writers: [], unwatched: `changes are watched up to ${maxRules} rules, and there are ${rules}` }
  const timeoutMs = Math.max(1, window.until - access.now())
  const run = await access.run('nft', ['monitor'], { timeoutMs, limit: monitorLimit, watch: true })
  const output = outputOf('nft', run)
  return output.ok ? { writers: parseWriters(output.text) } : { writers: [], unwatched: output.why }
}

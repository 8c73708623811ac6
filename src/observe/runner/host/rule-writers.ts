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

/** Parses `nft monitor`, which prints `# new generation 87 by process 6119 (iptables)` after each change. */
export function parseWriters(text: string): RulesFact['writers'] {
  const changes = new Map<string, number>()
  for (const line of linesOf(text)) {
    const program = /^# new generation \d+ by process \d+ \((.{1,64})\)$/.exec(line)?.[1]
    if (program === undefined || (changes.size >= maxPrograms && !changes.has(program))) continue
    changes.set(program, (changes.get(program) ?? 0) + 1)
  }
  return [...changes]
    .map(([program, count]) => ({ program, changes: count }))
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

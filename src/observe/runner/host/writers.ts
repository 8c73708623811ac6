import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf } from './area.ts'
import { linesOf } from './lines.ts'
import type { Window } from './window.ts'

type Writers = Pick<RulesFact, 'writers' | 'unwatched'>

const maxPrograms = 100
const monitorLimit = 8 * 1024 * 1024
/** nft keeps all rules in its memory to print changes: 380 MB at 100,000 (measured, nft 1.0.6). */
const maxRules = 20_000

/** Reads `nft monitor`: after each change `# new generation 87 by process 6119 (iptables)`. */
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

/** Who changes rules during the window, as the kernel tells it. iptables-legacy tells nobody. */
export async function watchWriters(
  access: HostAccess,
  window: Window,
  { rules, nft }: { rules: number; nft: boolean },
): Promise<Writers> {
  if (!nft) return { writers: [], unwatched: 'nft could not be asked' }
  if (rules > maxRules) return { writers: [], unwatched: `${rules} rules are too many to watch changes` }
  const timeoutMs = Math.max(1, window.until - access.now())
  const run = await access.run('nft', ['monitor'], { timeoutMs, limit: monitorLimit, watch: true })
  const output = outputOf('nft', run)
  return output.ok ? { writers: parseWriters(output.text) } : { writers: [], unwatched: output.why }
}

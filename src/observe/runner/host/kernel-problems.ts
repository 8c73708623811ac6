import type { KernelFact, KernelProblem } from '../../../facts/runner.ts'
import type { TimedLine } from './bridge-ports.ts'

/** Kernel log lines that report a problem, in the wording of kernels since 3.10. */
const failures: [KernelProblem, RegExp][] = [
  ['conntrack-full', /\b(?:nf|ip)_conntrack: table full, dropping packet/],
  ['out-of-memory', /\b(?:Out of memory|out of memory): Kill(?:ed)? process \d/],
  ['netdev-leak', /\bunregister_netdevice: waiting for \S+ to become free/],
  ['syn-flood', /\bPossible SYN flooding on port/],
  ['neighbour-overflow', /\b(?:neighbor|neighbour|Neighbour) table overflow/],
]

export const problemIn = (text: string): KernelProblem | undefined =>
  failures.find(([, pattern]) => pattern.test(text))?.[0]

const maxPerKind = 5

/** The last few lines of each kind of problem, in order. */
export function problemLines(lines: TimedLine[]): KernelFact['lines'] {
  const counts = new Map<KernelProblem, number>()
  const found: KernelFact['lines'] = []
  for (const { at, text } of lines.toReversed()) {
    const kind = problemIn(text)
    const count = kind === undefined ? maxPerKind : (counts.get(kind) ?? 0)
    if (kind === undefined || count >= maxPerKind) continue
    counts.set(kind, count + 1)
    found.push({ at, kind, text: text.slice(0, 300) })
  }
  return found.reverse()
}

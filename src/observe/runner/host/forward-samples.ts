import type { RulesFact, TableFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf } from './area.ts'
import { chainNamed } from './rule-interfaces.ts'
import { pause, type Window } from './window.ts'

/** 50 Hz; and never more than a third of the time, however long a save takes. */
const everyMs = 20
const costShare = 3
const maxStates = 2000
const maxFirst = 10

/** One state of the FORWARD chain. */
export interface ForwardState {
  rules: string
  first: string
  /** There is a DOCKER-USER, and nothing jumps to it. */
  userJumpMissing: boolean
}

/** The FORWARD chain in what `iptables-save -t filter` printed; undefined without one. */
export function forwardState(text: string): ForwardState | undefined {
  if (!/^:FORWARD /m.test(text)) return undefined
  const rules = [...text.matchAll(/^-A FORWARD ?(.*)$/gm)].map(([, rule = '']) => rule)
  const userJump = rules.some((rule) => /(?:^| )-j DOCKER-USER\s*$/.test(rule))
  return {
    rules: rules.join('\n'),
    first: rules[0] ?? '',
    userJumpMissing: !userJump && /^:DOCKER-USER /m.test(text),
  }
}

/** Sums up states that were seen one after the other. */
export function sampleCounter() {
  const states = new Set<string>()
  const firstRules = new Set<string>()
  let [taken, withoutUserJump] = [0, 0]
  return {
    add({ rules, first, userJumpMissing }: ForwardState) {
      taken += 1
      if (userJumpMissing) withoutUserJump += 1
      if (states.size < maxStates) states.add(rules)
      if (firstRules.size < maxFirst) firstRules.add(first.slice(0, 200))
    },
    sum: (overMs: number): NonNullable<RulesFact['samples']> => ({
      taken,
      overMs,
      withoutUserJump,
      distinct: states.size,
      firstRules: [...firstRules],
    }),
  }
}

/** The backend that Docker's chains are in; else the one that has a filter table. */
export function forwardBackend(tables: TableFact[]): 'nft' | 'legacy' {
  const has = (backend: 'nft' | 'legacy', chain: string) =>
    chainNamed(tables, { backend, family: 'ip', name: 'filter' }, chain) !== undefined
  if (has('nft', 'DOCKER-USER')) return 'nft'
  if (has('legacy', 'DOCKER-USER')) return 'legacy'
  return has('legacy', 'FORWARD') && !has('nft', 'FORWARD') ? 'legacy' : 'nft'
}

/** Looks at FORWARD again and again until the window closes; undefined where it could not be looked at once. */
export async function sampleForward(
  access: HostAccess,
  window: Window,
  tables: TableFact[],
): Promise<RulesFact['samples']> {
  const program = `iptables-${forwardBackend(tables)}-save`
  const filter = tables.some(({ name, backend }) => name === 'filter' && backend !== 'native')
  if (!filter) return undefined
  const counter = sampleCounter()
  let samples: RulesFact['samples']
  while (access.now() < window.until && !access.signal.aborted) {
    const began = access.now()
    const left = window.until - began
    const run = await access.run(program, ['-t', 'filter'], { timeoutMs: Math.max(left, everyMs) })
    const output = outputOf(program, run)
    const state = output.ok ? forwardState(output.text) : undefined
    if (!state) break
    counter.add(state)
    const ended = access.now()
    samples = counter.sum(ended - window.from)
    await pause(access, Math.min(window.until - ended, Math.max(everyMs, (ended - began) * costShare)))
  }
  return samples
}

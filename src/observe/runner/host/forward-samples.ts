import type { RulesFact, TableFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf } from './program-output.ts'
import { chainNamed } from './rule-interfaces.ts'
import { pause, type Window } from './window.ts'

/** 50 Hz. */
const intervalMs = 20
/** The pause after a save is at least three times as long as the save took. */
const pauseFactor = 3
const maxStates = 2000
const maxFirstRules = 10

/** One state of the FORWARD chain. */
export interface ForwardState {
  rules: string
  first: string
  /** The chain DOCKER-USER exists and FORWARD does not jump to it. */
  userJumpMissing: boolean
}

/** The FORWARD chain in the output of `iptables-save -t filter`; undefined without one. */
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

/** Summarises a series of states. */
export function createSampleCounter() {
  const states = new Set<string>()
  const firstRules = new Set<string>()
  let [taken, withoutUserJump] = [0, 0]
  return {
    add({ rules, first, userJumpMissing }: ForwardState) {
      taken += 1
      if (userJumpMissing) withoutUserJump += 1
      if (states.size < maxStates) states.add(rules)
      if (firstRules.size < maxFirstRules) firstRules.add(first.slice(0, 200))
    },
    summary: (overMs: number): NonNullable<RulesFact['samples']> => ({
      taken,
      overMs,
      withoutUserJump,
      distinct: states.size,
      firstRules: [...firstRules],
    }),
  }
}

/** The backend with Docker's chains; else the one with a filter table. */
export function forwardBackend(tables: TableFact[]): 'nft' | 'legacy' {
  const has = (backend: 'nft' | 'legacy', chain: string) =>
    chainNamed(tables, { backend, family: 'ip', name: 'filter' }, chain) !== undefined
  if (has('nft', 'DOCKER-USER')) return 'nft'
  if (has('legacy', 'DOCKER-USER')) return 'legacy'
  return has('legacy', 'FORWARD') && !has('nft', 'FORWARD') ? 'legacy' : 'nft'
}

/** Reads FORWARD repeatedly until the window closes; undefined where it could not be read even once. */
export async function sampleForward(
  access: HostAccess,
  window: Window,
  tables: TableFact[],
): Promise<RulesFact['samples']> {
  const program = `iptables-${forwardBackend(tables)}-save`
  const filter = tables.some(({ name, backend }) => name === 'filter' && backend !== 'native')
  if (!filter) return undefined
  const counter = createSampleCounter()
  let samples: RulesFact['samples']
  while (access.now() < window.until && !access.signal.aborted) {
    const began = access.now()
    const remainingMs = window.until - began
    const run = await access.run(program, ['-t', 'filter'], { timeoutMs: Math.max(remainingMs, intervalMs) })
    const output = outputOf(program, run)
    const state = output.ok ? forwardState(output.text) : undefined
    if (!state) break
    counter.add(state)
    const ended = access.now()
    samples = counter.summary(ended - window.from)
    const pauseMs = Math.max(intervalMs, (ended - began) * pauseFactor)
    await pause(access, Math.min(window.until - ended, pauseMs))
  }
  return samples
}

import type * as z from 'zod'
import { areaSchema, seenIn } from '../core/observed.ts'
import { runnerSchema } from './runner.ts'

const { rules } = runnerSchema.shape

/** What a recording's samples are compared by: not the rules and links themselves, which are most of a sample. */
export const sampleSchema = runnerSchema.pick({ at: true, churn: true, kernel: true, ports: true }).extend({
  rules: areaSchema(rules.options[0].shape.value.pick({ samples: true, writers: true })),
})
export type RunnerSample = z.infer<typeof sampleSchema>

/** What happened on a runner over the samples of a recording. Times are in milliseconds since the epoch. */
export interface RunnerHistory {
  /** When each sample was taken, in order. */
  samples: number[]
  /** Networks that came and went in any sample, and the problems that the kernel logged, each once, in order. */
  changes: Value<RunnerSample['churn']>['changes']
  kernel: Value<RunnerSample['kernel']>['lines']
  /** Ports that timed out, by the samples that they did so in without a break: from the first one until the next one that they answered. */
  dead: { address: string; port: number; from: number; to: number; samples: number }[]
  /** Periods in which the rules of FORWARD changed between two readings, and by which programs rules were changed. */
  rewrites: { from: number; to: number; states: number; writers: string[] }[]
}

type Value<A> = A extends { seen: true; value: infer V } ? V : never

/** The history that samples tell together; each counts once, however often it was kept. */
export function runnerHistory(unsorted: readonly RunnerSample[]): RunnerHistory {
  const samples = [...new Map(unsorted.map((sample) => [sample.at, sample])).values()].toSorted(
    (a, b) => a.at - b.at,
  )
  return {
    samples: samples.map(({ at }) => at),
    changes: inOrder(
      samples.flatMap(({ churn }) => seenIn(churn)?.changes ?? []),
      ({ at, what, name }) => `${at} ${what} ${name}`,
    ),
    kernel: inOrder(
      samples.flatMap(({ kernel }) => seenIn(kernel)?.lines ?? []),
      ({ at, text }) => `${at} ${text}`,
    ),
    dead: deadPeriods(samples),
    rewrites: samples.flatMap(rewritesIn),
  }
}

/** Each once, by time: what a kernel or an engine still remembers is in every later sample too. */
function inOrder<T extends { at: number }>(all: readonly T[], keyOf: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()].toSorted((a, b) => a.at - b.at)
}

function deadPeriods(samples: readonly RunnerSample[]): RunnerHistory['dead'] {
  const periods: RunnerHistory['dead'] = []
  let open = new Map<string, RunnerHistory['dead'][number]>()
  for (const { at, ports } of samples) {
    // A sample without dials says nothing of any port.
    if (!ports.seen) continue
    for (const period of open.values()) period.to = at
    const next: typeof open = new Map()
    for (const { address, port } of timeoutsIn(ports.value)) {
      const key = `${address} ${port}`
      const period = open.get(key) ?? { address, port, from: at, to: at, samples: 0 }
      if (period.samples === 0) periods.push(period)
      period.samples += 1
      next.set(key, period)
    }
    open = next
  }
  return periods
}

const timeoutsIn = ({ targets }: Value<RunnerSample['ports']>): { address: string; port: number }[] =>
  targets.flatMap(({ address, ports }) =>
    ports.flatMap(({ port, result }) => (result === 'timeout' ? { address, port } : [])),
  )

/** One reading of the rules is in one state; in several, something wrote them meanwhile. */
function rewritesIn({ at, rules }: RunnerSample): RunnerHistory['rewrites'] {
  const { samples, writers = [] } = seenIn(rules) ?? {}
  if (!samples || samples.distinct < 2) return []
  return [
    {
      from: at - samples.overMs,
      to: at,
      states: samples.distinct,
      writers: writers.map(({ program }) => program),
    },
  ]
}

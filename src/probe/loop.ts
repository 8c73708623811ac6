import { setTimeout as wait } from 'node:timers/promises'
import type { Report } from '../report/schema.ts'

/** What the loop of a probe needs. */
export interface ProbeLoopOptions {
  intervalMs: number
  /** One run over all endpoints. */
  probe: () => Promise<Report>
  /** Called with the report of each run that came to its end. */
  onReport: (report: Report, isNew: boolean) => Promise<void>
  signal: AbortSignal
  now: () => number
  random: () => number
}

/**
 * Runs until the signal, one run after the other: each starts an interval after the last one did, or at its end if that is later. A run
 * that the signal cuts off shows nothing of the network, so that its report is dropped.
 */
export async function probeLoop({
  intervalMs,
  probe,
  onReport,
  signal,
  now,
  random,
}: ProbeLoopOptions): Promise<void> {
  let before: string | undefined
  while (!signal.aborted) {
    const next = now() + intervalMs * (1 + random() / 10)
    const report = await probe()
    if (signal.aborted) return
    const outcome = outcomeOf(report)
    await onReport(report, outcome !== before)
    before = outcome
    await wait(Math.min(Math.max(0, next - now()), intervalMs * 1.1), undefined, { signal }).catch(() => {})
  }
}

/** What fails, without numbers that differ each time. */
const outcomeOf = ({ causes }: Report): string =>
  JSON.stringify(causes.map(({ id, findings }) => [id, findings.map(({ subject }) => subject).toSorted()]))

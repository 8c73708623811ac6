import { checks } from './checks/index.ts'
import { judgedSettings, requiredObservations, runChecks } from './checks/run.ts'
import { explain } from './explain/causes.ts'
import { joinPulls } from './explain/join-pulls.ts'
import { onlyRunner } from './facts/only-runner.ts'
import { needsSecondReading } from './facts/queries/runner/inconsistency.ts'
import type { RunnerFact } from './facts/runner.ts'
import type { RunnerHistory } from './facts/runner-history.ts'
import { type ObserveOptions, observe } from './observe/observe.ts'
import { buildReport } from './report/build.ts'
import type { Report } from './report/schema.ts'
import type { CiRun } from './settings/ci/ci.ts'

/** What a verification needs from outside. */
export interface VerifyOptions extends Omit<ObserveOptions, 'wanted' | 'isInconsistent'> {
  ci: CiRun
  /** What an earlier run recorded of a runner: then nothing is observed. */
  replayed?: RunnerFact
  /** What happened over the samples of that recording. */
  history?: RunnerHistory | undefined
  /** Where the pages of findings are on the web. */
  docsUrl?: string | undefined
}

/** Why a run ends early: a signal, with the exit code of it, or a limit that ran out. */
export class Stop extends Error {
  readonly exitCode: number | undefined
  constructor(why: string, exitCode?: number) {
    super(why)
    this.exitCode = exitCode
  }
}

/** The whole way from settings to report: observe, check, explain, report, and nothing else. */
export async function verify(options: VerifyOptions): Promise<Report> {
  const { settings, ci, version, now, signal, replayed, history, docsUrl } = options
  const startedAt = now()
  const facts = replayed
    ? onlyRunner(replayed)
    : await observe({
        ...options,
        wanted: requiredObservations(checks, settings),
        isInconsistent: needsSecondReading,
      })
  const judged = judgedSettings(settings, facts)
  const { results, crashes } = runChecks(checks, facts, judged)
  const causes = joinPulls(explain(results, checks), facts)
  const stop = signal.aborted && signal.reason instanceof Stop ? signal.reason : undefined
  return buildReport({
    ...{ version, ci, settings: judged, facts, results, crashes, causes, startedAt, endedAt: now() },
    replayed: replayed !== undefined,
    history,
    docsUrl,
    ...(stop
      ? {
          stopped: { why: stop.message, ...(stop.exitCode === undefined ? {} : { exitCode: stop.exitCode }) },
        }
      : {}),
  })
}

import { runChecks } from './checks/run.ts'
import { factsOfRunner } from './checks/runner-check.ts'
import type { RunnerFact } from './core/model.ts'
import { explain } from './explain/causes.ts'
import { isSuspicious } from './facts/queries/runner/rule-drift.ts'
import type { AuthSource } from './observe/credentials/credentials.ts'
import { observe } from './observe/observe.ts'
import { buildReport } from './report/build.ts'
import type { Report } from './report/schema.ts'
import type { CiRun } from './settings/ci/ci.ts'
import type { Plan } from './settings/plan/plan.ts'
import type { Settings } from './settings/schema.ts'
import type { Env } from './settings/sources.ts'

/** What a verification needs from outside. */
export interface VerifyOptions {
  settings: Settings
  plan: Plan
  ci: CiRun
  version: string
  /** Certificate authorities to trust beside the built-in ones, in PEM form. */
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** What the setting `docker_config` holds. */
  authSources: AuthSource[]
  /** The step's environment: proxies, and where credentials lie. */
  env: Env
  /** Ends the run early; its reason is a `Stop`. */
  signal: AbortSignal
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
  /** What an earlier run recorded of a runner: then nothing is looked at. */
  replayed?: RunnerFact
}

/** Why a run ends early: a signal, with the exit code of it, or a limit that ran out. */
export class Stop extends Error {
  readonly exitCode: number | undefined
  constructor(why: string, exitCode?: number) {
    super(why)
    this.exitCode = exitCode
  }
}

/** The whole way from settings to report: observe, check, explain, and nothing else. */
export async function verify(options: VerifyOptions): Promise<Report> {
  const { settings, ci, version, now, signal } = options
  const startedAt = now()
  const facts = options.replayed
    ? factsOfRunner(options.replayed)
    : await observe({ ...options, suspicious: isSuspicious })
  const { findings, crashes } = runChecks(facts, settings)
  const causes = explain(findings)
  const stop = signal.aborted && signal.reason instanceof Stop ? signal.reason : undefined
  return buildReport({
    version,
    ci,
    settings,
    facts,
    replayed: options.replayed !== undefined,
    findings,
    crashes,
    causes,
    startedAt,
    endedAt: now(),
    ...(stop
      ? {
          stopped: { why: stop.message, ...(stop.exitCode === undefined ? {} : { exitCode: stop.exitCode }) },
        }
      : {}),
  })
}

import type { Cause, CheckResult, Crash, Finding } from '../core/finding.ts'
import { orderOfFaults } from '../explain/order.ts'
import { rebuildHint } from '../explain/rebuild.ts'
import { remedyContextOf, remedyText } from '../explain/remedies.ts'
import { rootsFirst, together } from '../explain/together/together.ts'
import type { Facts } from '../facts/facts.ts'
import type { RunnerHistory } from '../facts/runner-history.ts'
import type { CiRun } from '../settings/ci/ci.ts'
import type { Settings } from '../settings/schema.ts'
import { pageUrl } from './page-url.ts'
import type { Report, ReportCause, ReportCheck } from './schema.ts'
import { sizeOf, sumOf } from './sections/members.ts'
import { reportTogether } from './sections/together.ts'
import { sections } from './sections.ts'
import { exitCodeOf, judgeGroups, overallStatus } from './verdict.ts'

/** All that a report is made of. */
export interface Outcome {
  version: string
  ci: CiRun
  settings: Settings
  facts: Facts
  results: readonly CheckResult[]
  crashes: readonly Crash[]
  causes: readonly Cause[]
  /** The facts of the runner come from a recording. */
  replayed?: boolean
  /** What happened over the samples of that recording. */
  history?: RunnerHistory | undefined
  /** Where the pages of findings are on the web. */
  docsUrl?: string | undefined
  startedAt: number
  endedAt: number
  /** Why the run ended early, and with which exit code a signal ends it. */
  stopped?: { why: string; exitCode?: number }
}

/** Puts everything into the one value that all outputs read. */
export function buildReport(outcome: Outcome): Report {
  const { facts, results, crashes, settings, causes, ci, stopped, replayed = false, history } = outcome
  const findings = results.flatMap((result) => result.findings)
  const crashed = crashes.map(({ check }) => check)
  const verdicts = judgeGroups(facts, results, crashed, settings)
  const verdict = together(causes, facts, verdicts)
  const judged = exitCodeOf(findings, verdicts, settings)
  const input = {
    ...{ facts, findings, replayed, history, vantage: settings.vantage, settings },
    debug: settings.debug || settings.log_level === 'debug',
  }
  return {
    version: 2,
    tool: { name: 'regguard', version: outcome.version },
    ci,
    startedAt: new Date(outcome.startedAt).toISOString(),
    durationMs: Math.max(0, outcome.endedAt - outcome.startedAt),
    depth: settings.depth,
    status: overallStatus(judged, verdicts),
    exitCode: stopped?.exitCode ?? judged,
    ...(stopped ? { stopped: stopped.why } : {}),
    groups: verdicts,
    ...sections.image(input),
    ...sections.registry(input),
    ...sections.path(input),
    ...sections.runner(input),
    ...sections.storage(input),
    ...sections.cluster(input),
    causes: rootsFirst(causes, verdict?.links ?? []).map((cause) => reportCause(cause, outcome)),
    ...reportOrder(outcome),
    ...(verdict ? { together: reportTogether(verdict) } : {}),
    checks: results.map((result) => reportCheck(result, outcome)),
    totals: totalsOf(facts, findings, causes),
    crashes: crashes.map(
      ({ check, error }) => `${check}: ${error instanceof Error ? error.message : String(error)}`,
    ),
  }
}

function reportOrder({ causes, facts, startedAt }: Outcome): Pick<Report, 'order'> {
  const order = orderOfFaults(causes, facts)
  if (order.length === 0) return {}
  return {
    order: order.map(({ id, group, at, url }) => ({ id, group, afterMs: Math.max(0, at - startedAt), url })),
  }
}

function reportCheck({ findings, remedies, ...result }: CheckResult, { facts, ci }: Outcome): ReportCheck {
  const context = facts.runner ? remedyContextOf(facts.runner.vantage) : { platform: ci.platform }
  return {
    ...result,
    remedies: remedies.map((remedy) => remedyText(remedy, context)),
    findings: findings.length,
  }
}

function reportCause(cause: Cause, { ci, docsUrl }: Outcome): ReportCause {
  const rebuild = rebuildHint(cause.id, ci)
  const { findings, ...rest } = cause
  return {
    ...rest,
    ...(rebuild === undefined ? {} : { rebuild }),
    ...(docsUrl === undefined ? {} : { url: pageUrl(docsUrl, cause.id) }),
    findings: findings.map((finding) => reportFinding(finding, cause)),
  }
}

function reportFinding(
  { cause: _key, title: _title, because: _because, explains: _hosts, commands = [], ...finding }: Finding,
  { also = [], ...first }: Cause,
): ReportCause['findings'][number] {
  const ofCause = [first, ...also].find(({ advice }) => advice === finding.advice)?.commands ?? []
  const isSame = commands.length === ofCause.length && commands.every((one, at) => one === ofCause[at])
  return { ...finding, ...(isSame ? {} : { commands }) }
}

function totalsOf(
  { image, path }: Facts,
  findings: readonly Finding[],
  causes: readonly Cause[],
): Report['totals'] {
  const objects = image.repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
  const manifests = image.repositories.flatMap((repository) => repository.manifests)
  const sizes = manifests.map(sizeOf)
  const blobs = image.repositories.flatMap((repository) => repository.blobs)
  return {
    objects: objects.length,
    seen: objects.filter(({ observed }) => observed.seen).length,
    sizeBytes: sumOf([...sizes, ...blobs.map(({ descriptor }) => descriptor.size)]),
    readBytes: path.bytes,
    requests: path.requests,
    findings: findings.filter(({ severity }) => severity !== 'note').length,
    causes: causes.filter(({ severity }) => severity !== 'note').length,
  }
}

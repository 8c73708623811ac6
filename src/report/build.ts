import { daysLeft } from '../checks/path/cert-expiring.ts'
import type { Crash } from '../checks/run.ts'
import type { Cause, Facts, Finding, HostFact, Status, TargetFact } from '../core/model.ts'
import { rebuildHint } from '../explain/rebuild.ts'
import { documentOf, manifestOf } from '../facts/queries/image/graph.ts'
import { attestationsBelow } from '../facts/queries/image/members.ts'
import { referenceName, repositoryName } from '../oci/reference.ts'
import type { CiRun } from '../settings/ci/ci.ts'
import type { Settings } from '../settings/schema.ts'
import { membersOf, sumOf } from './members.ts'
import { reportRunner } from './runner.ts'
import type { Report, ReportCause, ReportHost, ReportTarget } from './schema.ts'
import { exitCodeOf, judgeGroups, overallStatus } from './verdict.ts'

/** All that a report is made of. */
export interface Outcome {
  version: string
  ci: CiRun
  settings: Settings
  facts: Facts
  findings: Finding[]
  crashes: Crash[]
  causes: Cause[]
  /** The facts of the runner come from a recording. */
  replayed?: boolean
  startedAt: number
  endedAt: number
  /** Why the run ended early, and with which exit code a signal ends it. */
  stopped?: { why: string; exitCode?: number }
}

/** Puts everything into the one value that all renderers read. */
export function buildReport(outcome: Outcome): Report {
  const { facts, findings, crashes, settings, causes, ci, stopped } = outcome
  const verdicts = judgeGroups(facts, findings, crashes, settings)
  const judged = exitCodeOf(findings, verdicts, settings)
  return {
    version: 1,
    tool: { name: 'regguard', version: outcome.version },
    ci,
    startedAt: new Date(outcome.startedAt).toISOString(),
    durationMs: Math.max(0, outcome.endedAt - outcome.startedAt),
    depth: settings.depth,
    status: overallStatus(judged, verdicts),
    exitCode: stopped?.exitCode ?? judged,
    ...(stopped ? { stopped: stopped.why } : {}),
    groups: verdicts,
    targets: facts.image.targets.map((target) => reportTarget(target, facts, findings)),
    hosts: facts.road.hosts.map((host) => reportHost(host, facts.road.at)),
    ...(facts.runner ? { runner: reportRunner(facts.runner, outcome.replayed) } : {}),
    causes: causes.map((cause) => reportCause(cause, ci)),
    totals: totalsOf(facts, findings, causes),
    crashes: crashes.map(
      ({ check, error }) => `${check}: ${error instanceof Error ? error.message : String(error)}`,
    ),
  }
}

function reportTarget(fact: TargetFact, { image }: Facts, findings: Finding[]): ReportTarget {
  const { reference } = fact.target
  const name = referenceName(reference)
  const own = findings.filter(({ subject, severity }) => subject === name && severity !== 'note')
  const base = { reference: name, members: [], attestations: 0, faults: own.map(({ message }) => message) }
  if (!fact.first.seen) return { ...base, status: 'unknown', faults: [fact.first.why.detail] }
  if (fact.first.value.state === 'absent') return { ...base, status: 'fail' }
  const { digest } = fact.first.value
  const repository = image.repositories.find((one) => one.name === repositoryName(reference))
  const root = repository && manifestOf(repository, digest)
  if (!repository || !root) return { ...base, status: 'unknown' }
  const members = membersOf(repository, root, findings)
  const rootFaults = findings.filter(
    (finding) =>
      finding.digest === digest && finding.repository === repository.name && finding.severity !== 'note',
  )
  const kind = kindOf(root)
  const statuses = [
    ...members.map(({ status }) => status),
    ...[...own, ...rootFaults].map(
      ({ severity }): Status => (severity === 'error' ? 'fail' : severity === 'warning' ? 'warn' : 'pass'),
    ),
  ]
  const { referrers } = repository
  return {
    ...base,
    status: worst(statuses),
    ...(kind ? { kind } : {}),
    digest,
    members,
    attestations: attestationsBelow(repository, root),
    ...(referrers?.seen ? { referrers: referrers.value.count } : {}),
    faults: [...base.faults, ...(kind === 'index' ? rootFaults.map(({ message }) => message) : [])],
  }
}

function kindOf(root: Parameters<typeof documentOf>[0]): ReportTarget['kind'] {
  const document = documentOf(root)
  if (document?.kind === 'image') return document.artifactType ? 'artifact' : 'image'
  return document?.kind
}

function worst(statuses: Status[]): Status {
  const order: Status[] = ['fail', 'unknown', 'warn']
  return order.find((status) => statuses.includes(status)) ?? 'pass'
}

function reportHost({ tls, retries, ...host }: HostFact, at: number): ReportHost {
  const { roles, addresses, source, protocol, http2, requests, proxy, rateLimit } = host
  const { subject = '', issuer = '', verified = false } = tls ?? {}
  const days = tls ? daysLeft(tls.validTo, at) : Number.NaN
  const certificate =
    tls && !Number.isNaN(days) ? { certificate: { subject, issuer, daysLeft: days, verified } } : {}
  return {
    host: host.host,
    roles,
    addresses,
    source,
    protocol,
    http2,
    ...certificate,
    requests,
    repeated: retries.length,
    ...(proxy === undefined ? {} : { proxy }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  }
}

function reportCause(cause: Cause, ci: CiRun): ReportCause {
  const rebuild = rebuildHint(cause.id, ci)
  const { findings, ...rest } = cause
  return {
    ...rest,
    ...(rebuild === undefined ? {} : { rebuild }),
    findings: findings.map(({ cause: _key, title: _title, because: _because, ...finding }) => finding),
  }
}

function totalsOf({ image, road }: Facts, findings: Finding[], causes: Cause[]): Report['totals'] {
  const objects = image.repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
  const manifests = image.repositories.flatMap((repository) => repository.manifests)
  const sizes = manifests.map(({ sight }) =>
    sight.seen && 'sizeBytes' in sight.value ? sight.value.sizeBytes : 0,
  )
  const blobs = image.repositories.flatMap((repository) => repository.blobs)
  const told = findings.filter(({ severity }) => severity !== 'note').length
  return {
    objects: objects.length,
    seen: objects.filter(({ sight }) => sight.seen).length,
    sizeBytes: sumOf([...sizes, ...blobs.map(({ descriptor }) => descriptor.size)]),
    readBytes: road.bytes,
    requests: road.requests,
    findings: told,
    causes: causes.filter(({ severity }) => severity !== 'note').length,
  }
}

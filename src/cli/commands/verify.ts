import { hostname } from 'node:os'
import { durationText } from '../../core/units.ts'
import { type Core, createCore } from '../../log/core.ts'
import { readDockerConfig } from '../../observe/credentials/docker-config.ts'
import { readAuthorities } from '../../observe/files/authorities.ts'
import { dryRunProblems } from '../../observe/files/dry-run-file.ts'
import { withEnvFile } from '../../observe/files/env-file.ts'
import { writtenInStorage } from '../../observe/files/inside.ts'
import { readPushRecord } from '../../observe/files/push-record.ts'
import { renderSummary } from '../../outputs/markdown.ts'
import { renderTerminal } from '../../outputs/terminal/index.ts'
import { verdictName } from '../../outputs/terminal/verdict.ts'
import { hideIn } from '../../report/hide.ts'
import type { Report } from '../../report/schema.ts'
import { type CiRun, readCi } from '../../settings/ci/ci.ts'
import { readCommit } from '../../settings/ci/commit.ts'
import { stepWarning } from '../../settings/ci/step.ts'
import { loginsAsJson } from '../../settings/plan/logins-text.ts'
import { planTargets } from '../../settings/plan/plan.ts'
import type { Problem } from '../../settings/problem.ts'
import { readSettings } from '../../settings/read.ts'
import type { Settings } from '../../settings/schema.ts'
import { Stop, type VerifyOptions, verify } from '../../verify.ts'
import { wantsColour } from '../colour.ts'
import { defaultDocsUrl } from '../docs-url.ts'
import { givenSecrets, secretsIn } from '../given-secrets.ts'
import type { Io } from '../io.ts'
import { refuse, skip, writeReports } from '../outcomes.ts'
import { startProgress } from '../progress.ts'
import { proxySecrets } from '../proxy-secrets.ts'
import type { Replayed } from '../replayed.ts'
import { runnerFile } from '../runner-file.ts'
import { collectSooner, keepYoungHeap } from '../scan-memory.ts'
import { version } from '../version.ts'
import { writeEntries, writeSummary } from '../write-entries.ts'

/** Verifies the images that the settings name, and writes the report. Returns the exit code. */
export async function verifyCommand(
  io: Io,
  given: Map<string, string>,
  inArguments: Problem[],
): Promise<number> {
  const ci = readCi(io.env)
  const file = await withEnvFile(io.env, given)
  const read = readSettings(file.env, given)
  const { logins } = read.value
  const settings = { ...read.value, ...(logins === undefined ? {} : { logins: await loginsAsJson(logins) }) }
  const debug = settings.debug || settings.log_level === 'debug'
  const { mask } = io
  const core: Core = createCore({
    platform: ci.platform,
    level: debug ? 'debug' : 'info',
    colour: wantsColour(io, ci.platform),
    env: io.env,
    write: io.write,
    appendFile: runnerFile(io, (warning) => core.warning(warning)),
    mask,
  })
  for (const secret of [...givenSecrets(file.env, given), ...proxySecrets(io.env)]) core.setSecret(secret)
  const problems = [...inArguments, ...(read.ok ? [] : read.problems)]
  for (const name of read.ok ? read.unknown : []) {
    core.warning(`settings.${name}: unknown setting; ignored`)
  }
  for (const warning of [file.warning, stepWarning(io.env)]) if (warning !== undefined) core.warning(warning)
  if (settings.dry_run && settings.mode === 'verify' && problems.length === 0)
    return skip(core, 'dry_run: nothing was pushed')
  // Build plugins read `.tags` without a setting. Outside a pipeline the working directory may be any folder.
  const record = await readPushRecord(settings, ci.platform === 'woodpecker' ? '.tags' : undefined)
  const authorities = await readAuthorities(settings.ca_file)
  const docker = await readDockerConfig(settings.docker_config)
  if (docker.ok) for (const secret of secretsIn(JSON.stringify(docker.value))) core.setSecret(secret)
  if (settings.mode === 'watch') {
    const { watchCommand } = await import('./watch.ts')
    return watchCommand(io, core, ci, {
      settings,
      problems: [
        ...problems,
        ...(authorities.ok ? [] : [authorities.problem]),
        ...(docker.ok ? [] : [docker.problem]),
      ],
      failOn: read.given.has('fail_on') ? settings.fail_on : undefined,
      docsUrl: settings.docs_url ?? defaultDocsUrl,
      access: {
        ...{ version, certsRoot: io.certsRoot, env: io.env },
        ...{ keepSecret: core.setSecret, forgetSecret: core.forgetSecret },
        authorities: authorities.ok ? authorities.value : [],
        authSources: docker.ok ? docker.value : [],
      },
    })
  }
  const replayed =
    settings.replay === undefined
      ? undefined
      : await (await import('../replayed.ts')).readReplayed(settings.replay)
  const plan = planTargets(
    settings,
    record.ok ? record.value : { images: [] },
    [
      ...problems,
      ...(record.ok ? [] : record.problems),
      ...(authorities.ok ? [] : [authorities.problem]),
      ...(docker.ok ? [] : [docker.problem]),
      ...(await dryRunProblems(settings.forecast_check)),
      ...(replayed ? replayProblems(replayed, settings) : []),
      ...(await writtenInStorage(settings)),
    ],
    { given: read.given, empty: read.empty, commit: readCommit(io.env), env: io.env },
  )
  if (!plan.ok || !authorities.ok || !docker.ok)
    return refuse(core, ci, hideIn(plan.ok ? [] : plan.problems, mask.apply))
  for (const { password } of plan.value.logins) core.setSecret(password)
  for (const note of plan.value.notes) core.info(note)
  if (plan.value.skipReason !== undefined) return skip(core, plan.value.skipReason)
  const { listeners } = plan.value
  if (settings.record !== undefined) {
    const { recordCommand } = await import('./record.ts')
    return recordCommand(io, core, { settings, listeners, durationMs: settings.record })
  }
  if (settings.mode === 'probe') {
    const { probeCommand } = await import('./probe.ts')
    return probeCommand(io, core, ci, {
      ...{ plan: plan.value, authorities: authorities.value, authSources: docker.value, env: io.env },
      settings: { ...settings, vantage: settings.vantage ?? hostname() },
      docsUrl: settings.docs_url ?? defaultDocsUrl,
    })
  }
  if (replayed?.ok && replayed.kind === 'report')
    return publish(io, core, settings, ci, hideIn(replayed.report, mask.apply))
  const verified = hideIn(
    await verifyWithProgress(io, core, ci, {
      settings,
      plan: plan.value,
      authorities: authorities.value,
      env: io.env,
      authSources: docker.value,
      docsUrl: settings.docs_url ?? defaultDocsUrl,
      ...(replayed?.ok ? { replayed: replayed.fact, history: replayed.history } : {}),
    }),
    mask.apply,
  )
  return publish(io, core, settings, ci, verified)
}

/** Writes a report to the log of this platform, and to every file that a setting names. Returns the exit code. */
async function publish(
  io: Io,
  core: Core,
  settings: Settings,
  { platform }: CiRun,
  verified: Report,
): Promise<number> {
  core.setOutput('verdict', verdictName(verified))
  core.setOutput('digest', verified.targets.find(({ digest }) => digest)?.digest ?? '')
  // Before the verdict, which has to be the last line, with the exit code as it will be.
  const unwritten = await writeReports(io, core, settings, verified)
  const report =
    unwritten.length > 0 ? { ...verified, unwritten, exitCode: verified.exitCode || 2 } : verified
  // A report may be shown again on another platform than its run's.
  const entries = renderTerminal({ ...report, ci: { ...report.ci, platform } })
  await writeEntries(core, isQuiet(settings) && isClean(report) ? entries.slice(-1) : entries)
  await writeSummary(core, renderSummary(report))
  return report.exitCode
}

function replayProblems(replayed: Replayed, settings: Settings): Problem[] {
  const problem = (message: string) => [{ setting: 'replay', value: settings.replay ?? '', message }]
  if (!replayed.ok) return problem(replayed.why)
  const hasMetrics =
    replayed.kind === 'report' && (replayed.report.storage ?? replayed.report.cluster) !== undefined
  return settings.report_prometheus === undefined || hasMetrics
    ? []
    : problem('holds nothing of a storage or a cluster, which the metrics of report_prometheus are about')
}

async function verifyWithProgress(
  io: Io,
  core: Core,
  ci: CiRun,
  what: Pick<
    VerifyOptions,
    'settings' | 'plan' | 'authorities' | 'authSources' | 'env' | 'replayed' | 'history' | 'docsUrl'
  >,
): Promise<Report> {
  const { settings } = what
  keepYoungHeap()
  if (settings.catalog) collectSooner()
  const controller = new AbortController()
  const stop = (why: string, exitCode?: number) => controller.abort(new Stop(why, exitCode))
  io.onSignal((name, exitCode) => stop(`stopped by ${name}`, exitCode))
  const progress = startProgress({
    ...(io.terminal && ci.platform === 'plain' ? { live: io.write } : {}),
    info: isQuiet(settings) ? () => {} : core.info,
    now: io.now,
    every: io.every,
  })
  const endTimer = io.every(settings.timeout, () =>
    stop(`timed out after ${durationText(settings.timeout)} (setting timeout)`),
  )
  try {
    return await verify({
      certsRoot: io.certsRoot,
      ...what,
      ci,
      version,
      signal: controller.signal,
      keepSecret: core.setSecret,
      progress: progress.change,
      now: io.now,
    })
  } finally {
    endTimer()
    progress.end()
  }
}

const isQuiet = ({ log_level: level, debug }: Settings): boolean =>
  !debug && (level === 'warn' || level === 'error')

/** Whether there is nothing to report to a reader who wants only warnings. */
const isClean = ({ exitCode, causes, crashes }: Report): boolean =>
  exitCode === 0 && crashes.length === 0 && causes.every(({ severity }) => severity === 'note')

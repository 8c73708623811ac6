import { type Core, createCore } from '../log/core.ts'
import { createMask } from '../log/mask.ts'
import { readAuthorities } from '../observe/authorities.ts'
import { readDockerConfig } from '../observe/credentials/docker-config.ts'
import { readPushRecord } from '../observe/push-record.ts'
import { durationText } from '../oci/units.ts'
import { renderers } from '../render/index.ts'
import { renderJson } from '../render/json.ts'
import { renderSummary } from '../render/markdown.ts'
import { verdictName } from '../render/verdict.ts'
import { hideIn } from '../report/hide.ts'
import type { Report } from '../report/schema.ts'
import { type CiRun, readCi } from '../settings/ci.ts'
import { type Problem, problemText } from '../settings/problem.ts'
import { readSettings } from '../settings/read.ts'
import type { Settings } from '../settings/schema.ts'
import { planTargets } from '../settings/targets.ts'
import { Stop, type VerifyOptions, verify } from '../verify.ts'
import type { Io } from './io.ts'
import { startProgress } from './progress.ts'
import { proxySecrets } from './proxy-secrets.ts'
import { sayEntries, saySummary } from './say.ts'
import { version } from './version.ts'

/** The main job: settings in, report out. Gives the exit code. */
export async function verifyCommand(io: Io, given: Map<string, string>, wrong: Problem[]): Promise<number> {
  const ci = readCi(io.env)
  const read = readSettings(io.env, given)
  const settings = read.value
  const debug = settings.debug || settings.log_level === 'debug'
  const mask = createMask()
  const core = createCore({
    platform: ci.platform,
    level: debug ? 'debug' : 'info',
    colour: ci.platform !== 'plain' || (io.terminal && !io.env.NO_COLOR),
    env: io.env,
    write: io.write,
    appendFile: io.appendFile,
    mask,
  })
  if (settings.password !== undefined) core.setSecret(settings.password)
  for (const secret of proxySecrets(io.env)) core.setSecret(secret)
  const before = [...wrong, ...(read.ok ? [] : read.problems)]
  for (const name of read.ok ? read.unknown : []) {
    core.warning(`settings.${name}: there is no such setting; it is ignored`)
  }
  if (settings.dry_run && before.length === 0) {
    core.info('dry_run: nothing was pushed, so nothing is verified.')
    return 0
  }
  const record = await readPushRecord(settings)
  const authorities = await readAuthorities(settings.ca_file)
  const docker = await readDockerConfig(settings.docker_config)
  const plan = planTargets(settings, record.ok ? record.value : { images: [] }, [
    ...before,
    ...(record.ok ? [] : record.problems),
    ...(authorities.ok ? [] : [authorities.problem]),
    ...(docker.ok ? [] : [docker.problem]),
  ])
  if (!plan.ok || !authorities.ok || !docker.ok) return refuse(core, plan.ok ? [] : plan.problems)
  for (const { password } of plan.value.logins) core.setSecret(password)
  const report = hideIn(
    await watched(io, core, ci, {
      settings,
      plan: plan.value,
      authorities: authorities.value,
      env: io.env,
      authSources: docker.value,
    }),
    mask.apply,
  )
  await sayEntries(core, renderers[ci.platform](report))
  await saySummary(core, renderSummary(report))
  core.setOutput('verdict', verdictName(report))
  core.setOutput('digest', report.targets.find(({ digest }) => digest)?.digest ?? '')
  return writeReport(io, core, settings, report) ? report.exitCode : report.exitCode || 2
}

async function watched(
  io: Io,
  core: Core,
  ci: CiRun,
  what: Pick<VerifyOptions, 'settings' | 'plan' | 'authorities' | 'authSources' | 'env'>,
): Promise<Report> {
  const { settings } = what
  const quiet = settings.log_level === 'warn' || settings.log_level === 'error'
  const controller = new AbortController()
  const stop = (why: string, exitCode?: number) => controller.abort(new Stop(why, exitCode))
  io.onSignal((name, exitCode) => stop(`${name} came`, exitCode))
  const progress = startProgress({
    ...(io.terminal && ci.platform === 'plain' ? { live: io.write } : {}),
    info: quiet ? () => {} : core.info,
    now: io.now,
    every: io.every,
  })
  const endTimer = io.every(settings.timeout, () =>
    stop(`the time limit of ${durationText(settings.timeout)} ran out (setting timeout)`),
  )
  try {
    return await verify({
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

function writeReport(io: Io, core: Core, settings: Settings, report: Report): boolean {
  const path = settings.report_json
  if (path === undefined) return true
  try {
    io.writeFile(path, renderJson(report))
    core.setOutput('report', path)
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    core.error(problemText({ setting: 'report_json', value: path, message: `cannot be written: ${why}` }))
    return false
  }
}

function refuse(core: Core, problems: Problem[]): number {
  for (const problem of problems) core.error(problemText(problem))
  const many = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`
  core.info(`NOT RUN    ${many} in the settings · nothing was verified · exit 2`)
  return 2
}

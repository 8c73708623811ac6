import { hostname } from 'node:os'
import { durationText } from '../../core/units.ts'
import type { Accepted } from '../../facts/watch/faults.ts'
import type { Core } from '../../log/core.ts'
import { listen } from '../../observe/watch/listen.ts'
import { ownerOf } from '../../observe/watch/owner.ts'
import { watchLines } from '../../outputs/watch-text.ts'
import { watchExitCode } from '../../report/watch-exit-code.ts'
import type { CiRun } from '../../settings/ci/ci.ts'
import { parseAccepted } from '../../settings/plan/accepted.ts'
import { planWatch, type WatchPlan } from '../../settings/plan/watch.ts'
import { type Problem, problemText } from '../../settings/problem.ts'
import type { Settings } from '../../settings/schema.ts'
import { openWatch, type Watch, type WatchOptions } from '../../watch/watch.ts'
import type { Io } from '../io.ts'
import { refuse } from '../outcomes.ts'

/** A signal ends the run under way, whose state is then saved. */
const graceMs = 9000

/** Watches registries until a signal, or once. Returns the exit code. */
export async function watchCommand(
  io: Io,
  core: Core,
  ci: CiRun,
  {
    settings,
    problems,
    failOn,
    ...from
  }: Pick<WatchOptions, 'docsUrl'> & {
    settings: Settings
    problems: Problem[]
    /** The setting `fail_on`, if it is given. */
    failOn: Settings['fail_on'] | undefined
    access: Omit<WatchOptions['access'], 'settings' | 'logins' | 'now'>
  },
): Promise<number> {
  const files = filesOf(io, settings, (text) => core.warning(text))
  const planned = planWatch(settings, [...problems, ...files.problems], { env: io.env, hostName: hostname() })
  if (!planned.ok) return refuse(core, ci, planned.problems)
  const plan = planned.value
  if (plan.heartbeat) core.setSecret(plan.heartbeat.href)
  const password = plan.pushgateway?.password
  if (password) for (const secret of [password, decodeURIComponent(password)]) core.setSecret(secret)
  const controller = new AbortController()
  let signalCode: number | undefined
  io.onSignal((name, exitCode) => {
    signalCode = exitCode
    controller.abort(new Error(`stopped by ${name}`))
  }, graceMs)
  const watch = openWatch({
    access: { ...from.access, settings, logins: plan.logins, now: io.now },
    ...{ plan, docsUrl: from.docsUrl, accepted: files.accepted },
    owner: ownerOf(io.pid, hostname(), io.isAlive),
    metricsToken: files.token('metrics_token_file'),
    eventsToken: files.token('events_token_file'),
    log: { info: core.info, warn: core.warning, debug: core.debug },
    ...{ hide: io.mask.apply, replaceFile: io.replaceFile },
    signal: controller.signal,
  })
  try {
    if (settings.once) return await runOnce(core, watch, failOn ?? defaultFailOn(ci), () => signalCode)
    return await serve(core, ci, watch, plan, settings, () => signalCode)
  } finally {
    await watch.close()
  }
}

/** Outside of a CI system metrics carry the findings: a failed job of Kubernetes would be tried again, and cause a second alert. */
const defaultFailOn = ({ platform }: CiRun): Settings['fail_on'] => (platform === 'plain' ? 'never' : 'error')

async function runOnce(
  core: Core,
  watch: Watch,
  failOn: Settings['fail_on'],
  signalCode: () => number | undefined,
): Promise<number> {
  const locked = await watch.once()
  const report = watch.report()
  const exitCode = signalCode() ?? watchExitCode(report, { locked: locked.length > 0, failOn })
  for (const line of watchLines(report, exitCode)) core.info(line)
  return exitCode
}

async function serve(
  core: Core,
  ci: CiRun,
  watch: Watch,
  plan: WatchPlan,
  settings: Settings,
  signalCode: () => number | undefined,
): Promise<number> {
  const opened = plan.listen ? await listen(watch.server, plan.listen) : undefined
  if (opened && !opened.ok)
    return refuse(core, ci, [
      {
        setting: 'listen',
        value: settings.listen ?? '0.0.0.0:9743',
        message: `cannot be opened: ${opened.why}`,
      },
    ])
  const where = opened ? ` · metrics at http://${opened.address}/metrics` : ''
  const names = plan.scopes.map(({ registry }) => registry).join(', ')
  core.info(`Watching ${names} every ${durationText(settings.interval)}${where}`)
  try {
    await watch.loop()
  } finally {
    watch.server.closeAllConnections()
    watch.server.close()
  }
  core.info('STOPPED   the state is saved')
  return signalCode() ?? 0
}

/** Files that may be replaced while a watch runs: each is read when it is needed. Those that cannot be read at the start are problems. */
function filesOf(io: Io, settings: Settings, warn: (text: string) => void) {
  const problems: Problem[] = []
  const required = (setting: 'accepted_faults' | 'metrics_token_file' | 'events_token_file') => {
    const path = settings[setting]
    const text = path === undefined ? undefined : io.readFile(path)
    if (path !== undefined && text === undefined)
      problems.push({ setting, value: path, message: 'cannot be read' })
    return text
  }
  const token = (setting: 'metrics_token_file' | 'events_token_file') => {
    const path = settings[setting]
    return path === undefined ? undefined : () => io.readFile(path)?.trim()
  }
  for (const setting of ['metrics_token_file', 'events_token_file'] as const)
    if (required(setting)?.trim() === '')
      problems.push({ setting, value: settings[setting] ?? '', message: 'is an empty file' })
  const text = required('accepted_faults')
  let known: ReturnType<typeof parseAccepted> =
    text === undefined ? { ok: true, value: [] } : parseAccepted(text)
  if (!known.ok)
    problems.push({ setting: 'accepted_faults', value: settings.accepted_faults ?? '', message: known.why })
  let warned = ''
  const accepted = (): readonly Accepted[] => {
    if (settings.accepted_faults === undefined) return []
    const fresh = readAccepted(io.readFile(settings.accepted_faults))
    if (fresh.ok) known = fresh
    else if (fresh.why !== warned)
      warn(problemText({ setting: 'accepted_faults', message: `${fresh.why}; the list before is used` }))
    warned = fresh.ok ? '' : fresh.why
    return known.ok ? known.value : []
  }
  return { problems, accepted, token }
}

const readAccepted = (text: string | undefined) =>
  text === undefined ? ({ ok: false, why: 'cannot be read' } as const) : parseAccepted(text)

import { count, durationText } from '../../core/units.ts'
import type { Core } from '../../log/core.ts'
import { listen } from '../../observe/watch/listen.ts'
import { renderTerminal } from '../../outputs/terminal/index.ts'
import { probeLoop } from '../../probe/loop.ts'
import { createProbeServer } from '../../probe/server.ts'
import { hideIn } from '../../report/hide.ts'
import type { Report } from '../../report/schema.ts'
import type { CiRun } from '../../settings/ci/ci.ts'
import type { Plan } from '../../settings/plan/plan.ts'
import type { Settings } from '../../settings/schema.ts'
import { Stop, type VerifyOptions, verify } from '../../verify.ts'
import type { Io } from '../io.ts'
import { refuse } from '../outcomes.ts'
import { version } from '../version.ts'
import { writeEntries } from '../write-entries.ts'

/** A signal ends the run under way, whose report is dropped. */
const graceMs = 5000

/** Probes the endpoints again and again, and serves the last report, until a signal. Returns the exit code. */
export async function probeCommand(
  io: Io,
  core: Core,
  ci: CiRun,
  what: Pick<VerifyOptions, 'authorities' | 'authSources' | 'env' | 'docsUrl'> & {
    settings: Settings
    plan: Plan
  },
): Promise<number> {
  const { settings, plan } = what
  const controller = new AbortController()
  let signalCode: number | undefined
  io.onSignal((name, exitCode) => {
    signalCode = exitCode
    controller.abort(new Stop(`stopped by ${name}`, exitCode))
  }, graceMs)
  let last: Report | undefined
  const server = createProbeServer(() => last)
  const opened = await listen(server, plan.listen ?? { host: '0.0.0.0', port: 0 })
  if (!opened.ok)
    return refuse(core, ci, [
      { setting: 'listen', value: settings.listen ?? '', message: `cannot be opened: ${opened.why}` },
    ])
  core.info(
    `Probing ${count(plan.endpoints.length, 'endpoint')} every ${durationText(settings.interval)} from ${settings.vantage ?? 'here'} · report at http://${opened.address}/report`,
  )
  const probe = async (): Promise<Report> => {
    const limit = new AbortController()
    const endTimer = io.every(settings.timeout, () =>
      limit.abort(new Stop(`timed out after ${durationText(settings.timeout)} (setting timeout)`)),
    )
    try {
      const report = await verify({
        ...{ certsRoot: io.certsRoot, ...what, ci, version, now: io.now },
        signal: AbortSignal.any([controller.signal, limit.signal]),
        keepSecret: core.setSecret,
        progress: () => {},
      })
      return hideIn(report, io.mask.apply)
    } finally {
      endTimer()
    }
  }
  try {
    await probeLoop({
      ...{ intervalMs: settings.interval, probe, signal: controller.signal },
      ...{ now: io.now, random: Math.random },
      onReport: async (report, isNew) => {
        last = report
        const entries = renderTerminal(report)
        if (isNew) await writeEntries(core, entries)
        else core.debug(`${report.startedAt}: as before`)
      },
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
  return signalCode ?? 0
}

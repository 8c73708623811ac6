import { createOutageDetector } from '../../checks/outage.ts'
import { count, durationText } from '../../core/units.ts'
import { needsSecondReading } from '../../facts/queries/runner/inconsistency.ts'
import type { Core } from '../../log/core.ts'
import { record } from '../../observe/recorder/record.ts'
import { openHostAccess } from '../../observe/runner/host-access.ts'
import { observeRunner } from '../../observe/runner/runner.ts'
import type { Listener } from '../../settings/plan/listeners.ts'
import { type Problem, problemText } from '../../settings/problem.ts'
import type { Settings } from '../../settings/schema.ts'
import { Stop } from '../../verify.ts'
import type { Io } from '../io.ts'

/** The interval between samples. With `host_snapshot` each one starts a container, so they are taken less often. */
const everyMs = { alone: 5000, withSnapshot: 15_000 }
/** How long a sample may watch the runner: it must end before the next begins. */
const maxWindowMs = 1000

/**
 * Records the runner for as long as `record` says, and keeps the samples before, at and after the first outage of its ports.
 * Returns 0 if there was no outage, 1 if there was one, 2 if nothing can be written, and a signal's own exit code.
 */
export async function recordCommand(
  io: Io,
  core: Core,
  { settings, listeners, durationMs }: { settings: Settings; listeners: Listener[]; durationMs: number },
): Promise<number> {
  const controller = new AbortController()
  io.onSignal((name, exitCode) => controller.abort(new Stop(`stopped by ${name}`, exitCode)))
  const access = openHostAccess({ signal: controller.signal, now: io.now, path: io.env.PATH ?? '' })
  const dir = settings.record_dir ?? 'regguard-recording'
  core.info(`Recording the runner to ${dir} for ${durationText(durationMs)}.`)
  const recording = await record({
    ...{ dir, durationMs, access, hide: io.mask.apply },
    everyMs: settings.host_snapshot ? everyMs.withSnapshot : everyMs.alone,
    isOutage: createOutageDetector(settings),
    onEvent: (event) => {
      if (event.what === 'write-error') core.warning(event.why)
      else
        core.info(
          event.what === 'outage'
            ? 'Outage: ports of the host do not answer.'
            : 'Ports of the host answer again.',
        )
    },
    observe: () =>
      observeRunner({
        ...{ access, env: io.env, listeners, isInconsistent: needsSecondReading },
        windowMs: Math.min(settings.runner_window, maxWindowMs),
        hostSnapshot: settings.host_snapshot,
        ...(settings.docker_socket === undefined ? {} : { dockerSocket: settings.docker_socket }),
      }),
  })
  if (!recording.ok) {
    const problem: Problem = { setting: 'record_dir', value: dir, message: recording.why }
    core.error(problemText(problem))
    return 2
  }
  const { samples, outageSamples, incident, stopped } = recording
  const found = incident
    ? `outage in ${outageSamples} of them, first at ${new Date(incident.at).toISOString()}; check it with “replay: ${dir}”`
    : 'no outage observed'
  core.info(`RECORDED   ${count(samples, 'sample')} in ${dir} · ${found}`)
  const { reason } = controller.signal
  if (stopped && reason instanceof Stop) return reason.exitCode ?? 1
  return incident ? 1 : 0
}

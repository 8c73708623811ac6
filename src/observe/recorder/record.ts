import { join } from 'node:path'
import type { RunnerFact } from '../../facts/runner.ts'
import { pause } from '../runner/host/window.ts'
import type { HostAccess } from '../runner/host-access.ts'
import { entries, openDirectory } from './directory.ts'
import { codeOf, errorText, replaceDirectory, writeFileAtomically } from './disk.ts'
import { recordingText } from './format.ts'
import { indexPage, type Progress } from './index-page.ts'
import { openRing, type Ring } from './ring.ts'
import { sampleFiles } from './sample-files.ts'
import { createScrubber } from './scrub.ts'

export interface RecordOptions {
  /** Created where it does not exist. */
  dir: string
  /** How long to record, and the interval between the starts of samples; in milliseconds. */
  durationMs: number
  everyMs?: number
  /** Takes one sample. */
  observe: () => Promise<RunnerFact>
  /** Whether ports of the host that should answer do not. Called once for each sample, in order. */
  isOutage: (facts: RunnerFact) => boolean
  access: HostAccess
  /** Removes secrets from a text. */
  hide?: (text: string) => string
  /** How much space the compressed samples may take, in bytes. */
  roomBytes?: number
  /** Called at the start and the end of the first outage, and at each new write error. */
  onEvent?: (
    event: { what: 'outage' | 'recovery'; at: number } | { what: 'write-error'; why: string },
  ) => void
}

export type Recording =
  | ({ ok: true } & Pick<Progress, 'samples' | 'outageSamples' | 'incident' | 'writeErrors'> & {
        stopped: boolean
      })
  | { ok: false; why: string }

const defaultEveryMs = 5000
const defaultRoomBytes = 64 * 1024 * 1024
const maxWriteErrors = 20

/**
 * Takes samples until the time is over or the run is stopped. Keeps the latest, and copies those before, at and after the
 * first outage of the host's ports. Every file is complete at any moment, however this process ends. A failed write is
 * reported and tried again with the next sample.
 */
export async function record(options: RecordOptions): Promise<Recording> {
  const { dir, durationMs, everyMs = defaultEveryMs, observe, access } = options
  const opened = await openDirectory(dir)
  if (!opened.ok) return opened
  const progress: Progress = {
    ...{
      startedAt: access.now(),
      everyMs,
      samples: 0,
      outageSamples: 0,
      state: 'recording',
      writeErrors: [],
    },
  }
  const writeIndex = () => writeFileAtomically(join(dir, entries.index), indexPage(progress))
  try {
    await writeIndex()
  } catch (error) {
    return { ok: false, why: `cannot hold a recording: ${errorText(codeOf(error))}` }
  }
  const ring = await openRing(join(dir, entries.samples), options.roomBytes ?? defaultRoomBytes)
  const store = createStore(options, progress, ring)

  const until = progress.startedAt + durationMs
  for (let next = progress.startedAt; ; ) {
    const facts = await observe()
    // An interrupted sample is incomplete.
    if (access.signal.aborted) break
    await store.add(facts)
    await store.tryWrite(writeIndex)
    next = Math.max(next + everyMs, access.now())
    if (next >= until) break
    await pause(access, next - access.now())
    if (access.signal.aborted) break
  }
  await store.end()
  progress.state = access.signal.aborted ? 'stopped' : 'ended'
  await store.tryWrite(writeIndex)
  const { samples, outageSamples, incident, writeErrors } = progress
  const stopped = access.signal.aborted
  return { ok: true, samples, outageSamples, writeErrors, stopped, ...(incident && { incident }) }
}

function createStore(
  { dir, isOutage, hide = (text) => text, onEvent = () => {} }: RecordOptions,
  progress: Progress,
  ring: Ring,
) {
  const scrub = createScrubber(hide)
  let previous: RunnerFact | undefined
  const addWriteError = (why: string) => {
    if (progress.writeErrors.includes(why) || progress.writeErrors.length === maxWriteErrors) return
    progress.writeErrors.push(why)
    onEvent({ what: 'write-error', why })
  }

  /** Where the disk is full, tries once more after removing half of the samples. */
  async function tryWrite(write: () => Promise<void>): Promise<boolean> {
    for (const isRetry of [false, true]) {
      try {
        await write()
        return true
      } catch (error) {
        const code = codeOf(error)
        if (isRetry || (code !== 'ENOSPC' && code !== 'EDQUOT')) {
          addWriteError(`could not write to ${dir}: ${errorText(code)}`)
          return false
        }
        await ring.halve()
      }
    }
    return false
  }

  const copySample = (entry: 'before' | 'at' | 'after', facts: RunnerFact) =>
    tryWrite(() =>
      replaceDirectory(join(dir, entries[entry]), {
        'facts.json': `${recordingText(facts, 1)}\n`,
        ...sampleFiles(facts),
      }),
    )

  async function updateIncident(facts: RunnerFact, outage: boolean): Promise<void> {
    const { incident } = progress
    if (!incident) {
      if (!outage) return
      progress.incident = { at: facts.at }
      onEvent({ what: 'outage', at: facts.at })
      await copySample('at', facts)
      if (previous && (await copySample('before', previous))) progress.incident.before = previous.at
    } else if (incident.until === undefined) {
      if (!outage) {
        incident.until = facts.at
        onEvent({ what: 'recovery', at: facts.at })
      }
      if ((!outage || incident.after === undefined) && (await copySample('after', facts)))
        incident.after = facts.at
    }
  }

  return {
    tryWrite,
    async add(observed: RunnerFact): Promise<void> {
      const outage = isOutage(observed)
      const facts = scrub(observed)
      progress.samples += 1
      progress.lastAt = facts.at
      if (outage) progress.outageSamples += 1
      await updateIncident(facts, outage)
      await tryWrite(() => ring.add(recordingText(facts), facts.at))
      previous = facts
    },
    /** For an outage that has not ended, the last sample becomes the one after it. */
    async end(): Promise<void> {
      const { incident } = progress
      if (!incident || incident.until !== undefined || !previous || previous.at <= incident.at) return
      if (await copySample('after', previous)) incident.after = previous.at
    },
  }
}

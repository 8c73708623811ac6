import { join } from 'node:path'
import type { RunnerFact } from '../../facts/runner.ts'
import { pause } from '../runner/host/window.ts'
import type { HostAccess } from '../runner/host-access.ts'
import { openDirectory, parts } from './directory.ts'
import { codeOf, wordsFor, writeDirectory, writeWhole } from './disk.ts'
import { recordingText } from './format.ts'
import { indexPage, type Progress } from './index-page.ts'
import { openRing, type Ring } from './ring.ts'
import { createScrubber } from './scrub.ts'
import { textsOf } from './tell.ts'

export interface RecordOptions {
  /** Made where it is not there. */
  dir: string
  /** How long to record, and how far apart samples begin; in milliseconds. */
  durationMs: number
  everyMs?: number
  look: () => Promise<RunnerFact>
  /** Whether ports of the host that should answer are dead. */
  dialFailed: (facts: RunnerFact) => boolean
  access: HostAccess
  /** Takes secrets out of a text. */
  hide?: (text: string) => string
  /** How much room samples may take, compressed, in bytes. */
  roomBytes?: number
  /** Called when ports are dead for the first time, when they are back, and at each new failure. */
  tell?: (event: { what: 'dead' | 'back'; at: number } | { what: 'failure'; why: string }) => void
}

export type Recording =
  | ({ ok: true } & Pick<Progress, 'samples' | 'failed' | 'incident' | 'failures'> & { stopped: boolean })
  | { ok: false; why: string }

const usualEveryMs = 5000
const usualRoom = 64 * 1024 * 1024
const maxProblems = 20

/**
 * Takes samples until the time is over or the run is stopped, keeps the latest, and copies those before, at and after the
 * first in which ports of the host are dead. Everything on disk is whole at any moment, whatever ends this process. What
 * cannot be written is told and tried again with the next sample.
 */
export async function record(options: RecordOptions): Promise<Recording> {
  const { dir, durationMs, everyMs = usualEveryMs, look, access } = options
  const opened = await openDirectory(dir)
  if (!opened.ok) return opened
  const progress: Progress = {
    ...{ startedAt: access.now(), everyMs, samples: 0, failed: 0, state: 'recording', failures: [] },
  }
  const writeIndex = () => writeWhole(join(dir, parts.index), indexPage(progress))
  try {
    await writeIndex()
  } catch (error) {
    return { ok: false, why: `cannot record to ${dir}: ${wordsFor(codeOf(error))}` }
  }
  const ring = await openRing(join(dir, parts.samples), options.roomBytes ?? usualRoom)
  const keeper = createKeeper(options, progress, ring)

  const until = progress.startedAt + durationMs
  for (let next = progress.startedAt; ; ) {
    const facts = await look()
    // A look that was broken off has seen too little to be kept.
    if (access.signal.aborted) break
    await keeper.take(facts)
    await keeper.attempt(writeIndex)
    next = Math.max(next + everyMs, access.now())
    if (next >= until) break
    await pause(access, next - access.now())
    if (access.signal.aborted) break
  }
  await keeper.end()
  progress.state = access.signal.aborted ? 'stopped' : 'ended'
  await keeper.attempt(writeIndex)
  const { samples, failed, incident, failures } = progress
  return {
    ok: true,
    samples,
    failed,
    failures,
    stopped: access.signal.aborted,
    ...(incident && { incident }),
  }
}

function createKeeper(
  { dir, dialFailed, hide = (text) => text, tell = () => {} }: RecordOptions,
  progress: Progress,
  ring: Ring,
) {
  const scrub = createScrubber(hide)
  let previous: RunnerFact | undefined
  const failure = (why: string) => {
    if (progress.failures.includes(why) || progress.failures.length === maxProblems) return
    progress.failures.push(why)
    tell({ what: 'failure', why })
  }

  /** Tries again once with half of the samples gone, where there was no room. */
  async function attempt(write: () => Promise<void>): Promise<boolean> {
    for (const last of [false, true]) {
      try {
        await write()
        return true
      } catch (error) {
        const code = codeOf(error)
        if (last || (code !== 'ENOSPC' && code !== 'EDQUOT')) {
          failure(`could not write to ${dir}: ${wordsFor(code)}`)
          return false
        }
        await ring.halve()
      }
    }
    return false
  }

  const copy = (part: 'before' | 'at' | 'after', facts: RunnerFact) =>
    attempt(() =>
      writeDirectory(join(dir, parts[part]), {
        'facts.json': `${recordingText(facts, 1)}\n`,
        ...textsOf(facts),
      }),
    )

  async function keepAround(facts: RunnerFact, dead: boolean): Promise<void> {
    const { incident } = progress
    if (!incident) {
      if (!dead) return
      progress.incident = { at: facts.at }
      tell({ what: 'dead', at: facts.at })
      await copy('at', facts)
      if (previous && (await copy('before', previous))) progress.incident.before = previous.at
    } else if (incident.until === undefined) {
      if (!dead) {
        incident.until = facts.at
        tell({ what: 'back', at: facts.at })
      }
      if ((!dead || incident.after === undefined) && (await copy('after', facts))) incident.after = facts.at
    }
  }

  return {
    attempt,
    async take(seen: RunnerFact): Promise<void> {
      const dead = dialFailed(seen)
      const facts = scrub(seen)
      progress.samples += 1
      progress.lastAt = facts.at
      if (dead) progress.failed += 1
      await keepAround(facts, dead)
      await attempt(() => ring.add(recordingText(facts), facts.at))
      previous = facts
    },
    /** Of an outage that has not ended, the last sample is what comes after. */
    async end(): Promise<void> {
      const { incident } = progress
      if (!incident || incident.until !== undefined || !previous || previous.at <= incident.at) return
      if (await copy('after', previous)) incident.after = previous.at
    },
  }
}

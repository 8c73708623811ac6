import { applyBlob } from '../facts/watch/apply.ts'
import { type PlannedBlob, planBlobs, planHashes } from '../facts/watch/plan.ts'
import { eachOf, type Run } from './context.ts'
import { noteChange } from './repository.ts'

/** Blobs in turn: those that are broken, and a slice of the others; all of them after a trigger. */
export async function lookAtBlobs(run: Run): Promise<void> {
  const { state, access, only } = run
  const rhythm = { intervalMs: access.settings.interval, reproveMs: access.settings.reprove }
  const everything = () => (run.trigger === undefined ? run.affected : 'all')
  const isWanted = ({ repository, blob }: PlannedBlob) =>
    (only?.has(repository) ?? true) && !run.emptied.has(repository) && !isLookedAt(run, blob)
  const before = run.trigger
  const planned = planBlobs(state, rhythm, run.startedAt, everything()).filter(isWanted)
  await eachOf(planned, (one) => lookAtBlob(run, one, false))
  if (before !== undefined || run.trigger === undefined || only) return
  run.debug(`${run.trigger}: all blobs are read`)
  const rest = planBlobs(state, rhythm, run.startedAt, 'all').filter(isWanted)
  await eachOf(rest, (one) => lookAtBlob(run, one, false))
}

/** A part of all bytes is hashed in each run, so that bit rot is found, too. */
export async function hashBlobs(run: Run): Promise<void> {
  if (run.plan.hashBytes === 0 || run.only) return
  const planned = planHashes(run.state, run.plan.hashBytes)
  await eachOf(
    planned.filter(({ repository }) => !run.emptied.has(repository)),
    (one) => lookAtBlob(run, one, true),
  )
}

/** Whether a blob was looked at in this run. After the clock was set back, the time of an earlier run lies in the future. */
const isLookedAt = ({ startedAt, access }: Run, { lastLooked }: PlannedBlob['blob']): boolean =>
  lastLooked !== undefined && startedAt <= lastLooked && lastLooked <= access.now()

async function lookAtBlob(run: Run, { repository: name, blob }: PlannedBlob, hash: boolean): Promise<void> {
  const { state, access, tally, signal } = run
  const repository = state.repositories.get(name)
  if (signal.aborted || !repository) return
  const whole = hash || blob.onlyByHash === true
  const look = await run.blobs.look(name, blob, whole ? 'full' : access.settings.depth)
  tally.looked(look, name, `@${blob.digest}`)
  noteChange(run, repository, blob.digest, applyBlob(repository, blob.digest, look, access.now(), whole))
}

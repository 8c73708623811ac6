import { list, record, short } from './answer.ts'
import type { EngineApi } from './api.ts'
import { limitLabel, snapshotLabel } from './sibling-request.ts'

const minute = 60_000
const atMost = 50
const removalMs = 5000

/**
 * Removes siblings of runs that crashed: those that carry our label and are older, by the engine's own clock, than the limit
 * that they carry and `graceMs`. One of a run that is under way is never that old. Returns the ids of what it removed.
 */
export async function removeLeftovers(api: EngineApi, graceMs = minute): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${snapshotLabel.name}=${snapshotLabel.value}`] })
  const told = await api.get(`/containers/json?all=1&filters=${encodeURIComponent(filters)}`)
  if (!told.ok || told.date === undefined) return []
  const old = list(told.value)
    .map(record)
    .flatMap(({ Id, Created, Labels }) => {
      const id = short(Id)
      const limitMs = Number(record(Labels)[limitLabel]) * 1000
      const ours = record(Labels)[snapshotLabel.name] === snapshotLabel.value
      if (id === undefined || typeof Created !== 'number' || !Number.isFinite(limitMs) || !ours) return []
      return Created * 1000 + limitMs + graceMs < (told.date ?? 0) ? [id] : []
    })
  const removed: string[] = []
  for (const id of old.slice(0, atMost)) if (await removeContainer(api, id)) removed.push(id)
  return removed
}

/** Ends and removes a container; true when it is gone, whoever removed it. */
export async function removeContainer(api: EngineApi, id: string): Promise<boolean> {
  const told = await api.send('DELETE', `/containers/${id}?force=1&v=1`, { timeoutMs: removalMs })
  if (told.ok || told.status === 404) return true
  // Somebody else removes it, most often the engine, because it ended: wait until that is done.
  if (told.status !== 409) return false
  const gone = await api.send('POST', `/containers/${id}/wait?condition=removed`, { timeoutMs: removalMs })
  return gone.ok || gone.status === 404
}

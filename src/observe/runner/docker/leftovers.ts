import type { EngineApi } from './api.ts'
import { fieldsOf, listOf, shortText } from './response.ts'
import { limitLabel, snapshotLabel } from './sibling-request.ts'

const minute = 60_000
const maxRemovals = 50
const removalMs = 5000

/**
 * Removes siblings of crashed runs: containers with our label that are older, by the engine's own clock, than the limit in
 * their label plus `graceMs`. The sibling of a running run is never that old. Returns the ids of the removed containers.
 */
export async function removeLeftovers(api: EngineApi, graceMs = minute): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${snapshotLabel.name}=${snapshotLabel.value}`] })
  const response = await api.get(`/containers/json?all=1&filters=${encodeURIComponent(filters)}`)
  if (!response.ok || response.date === undefined) return []
  const old = listOf(response.value)
    .map(fieldsOf)
    .flatMap(({ Id, Created, Labels }) => {
      const id = shortText(Id)
      const limitMs = Number(fieldsOf(Labels)[limitLabel]) * 1000
      const ours = fieldsOf(Labels)[snapshotLabel.name] === snapshotLabel.value
      if (id === undefined || typeof Created !== 'number' || !Number.isFinite(limitMs) || !ours) return []
      return Created * 1000 + limitMs + graceMs < (response.date ?? 0) ? [id] : []
    })
  const removed: string[] = []
  for (const id of old.slice(0, maxRemovals)) if (await removeContainer(api, id)) removed.push(id)
  return removed
}

/** Kills and removes a container; true when it no longer exists, whoever removed it. */
export async function removeContainer(api: EngineApi, id: string): Promise<boolean> {
  const response = await api.send('DELETE', `/containers/${id}?force=1&v=1`, { timeoutMs: removalMs })
  if (response.ok || response.status === 404) return true
  // Removal is already in progress, most often by the engine because the container exited: wait for it.
  if (response.status !== 409) return false
  const waited = await api.send('POST', `/containers/${id}/wait?condition=removed`, { timeoutMs: removalMs })
  return waited.ok || waited.status === 404
}

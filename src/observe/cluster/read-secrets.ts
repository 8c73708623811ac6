import type { PullRow } from '../../facts/cluster/pulls.ts'
import { clusterResources, type UnreadList } from '../../facts/cluster/rights.ts'
import type { SecretsFact } from '../../facts/cluster/secrets.ts'
import { type PodEvent, readEvent } from '../../facts/queries/cluster/events.ts'
import {
  type ExternalSecret,
  judgeSecrets,
  readExternalSecret,
  refusedWithSecret,
} from '../../facts/queries/cluster/secrets.ts'
import type { ClusterApi } from './api.ts'
import { versionsOf } from './discovery.ts'
import { listAll } from './list.ts'

const maxObjects = 20_000

/**
 * Reads ExternalSecrets, if they are a gate or a pull was refused with a pull secret; undefined where they are not, or not installed. Without
 * a gate, nobody has to permit it.
 */
export async function readSecrets(
  api: ClusterApi,
  scopes: readonly (string | undefined)[],
  { isGate, pulls, unread }: { isGate: boolean; pulls: readonly PullRow[]; unread: UnreadList[] },
): Promise<SecretsFact | undefined> {
  if (!isGate && refusedWithSecret(pulls).length === 0) return undefined
  const { group } = clusterResources.externalsecrets
  const found = await versionsOf(api, group)
  if (!found.ok) {
    if (isGate) unread.push({ resource: 'externalsecrets', failure: found.failure })
    return undefined
  }
  const [version] = found.versions
  if (version === undefined) return undefined
  const secrets: ExternalSecret[] = []
  const events: PodEvent[] = []
  for (const scope of scopes) {
    const place = scope === undefined ? '' : `/namespaces/${scope}`
    let own: ExternalSecret[] = []
    const listed = await listAll(
      api,
      `/apis/${group}/${version}${place}/externalsecrets`,
      {},
      {
        start: () => {
          own = []
        },
        item: (item) => {
          const secret = readExternalSecret(item)
          if (secret && own.length < maxObjects) own.push(secret)
        },
      },
    )
    if (!listed.ok) {
      if (isGate && listed.failure.kind !== 'not-found')
        unread.push({
          resource: 'externalsecrets',
          failure: listed.failure,
          ...(scope === undefined ? {} : { namespace: scope }),
        })
      continue
    }
    secrets.push(...own)
    if (!own.some(({ isFailing }) => isFailing)) continue
    // That events may not be listed was said before.
    await listAll(
      api,
      `/api/v1${place}/events`,
      { fieldSelector: 'involvedObject.kind=ExternalSecret,reason=UpdateFailed' },
      {
        start: () => {},
        item: (item) => {
          const event = readEvent(item)
          if (event && events.length < maxObjects) events.push(event)
        },
      },
    )
  }
  return judgeSecrets(secrets, events, pulls, isGate)
}

import { type ClusterResource, fluxResources, type UnreadList } from '../../facts/cluster/rights.ts'
import { type FluxObject, readFluxObject } from '../../facts/queries/cluster/flux-object.ts'
import type { ClusterApi } from './api.ts'
import { type Versions, versionsOf } from './discovery.ts'
import { type Listed, listAll } from './list.ts'

/** Objects of a cluster are few; one with more is a mistake, or hostile. */
const maxObjects = 20_000

/**
 * Reads the objects of Flux; undefined where it is not installed, which discovery tells: a list that is neither installed nor permitted is
 * refused like one that is only not permitted.
 */
export async function readFlux(
  api: ClusterApi,
  scopes: readonly (string | undefined)[],
  unread: UnreadList[],
): Promise<FluxObject[] | undefined> {
  const objects: FluxObject[] = []
  const groups = new Map<string, Versions>()
  for (const { group } of fluxResources) {
    if (!groups.has(group)) groups.set(group, await versionsOf(api, group))
  }
  let isInstalled = false
  for (const resource of fluxResources) {
    const found = groups.get(resource.group)
    if (found?.ok === false) {
      isInstalled = true
      unread.push({ resource: resource.name, failure: found.failure })
      continue
    }
    for (const scope of scopes) {
      const listed = await listKind(api, resource, found?.versions ?? [], scope, objects)
      if (!listed || (!listed.ok && listed.failure.kind === 'not-found')) continue
      isInstalled = true
      if (!listed.ok)
        unread.push({
          resource: resource.name,
          failure: listed.failure,
          ...(scope === undefined ? {} : { namespace: scope }),
        })
    }
  }
  return isInstalled ? objects : undefined
}

/** A kind may be served in an older version of its group only. */
async function listKind(
  api: ClusterApi,
  { name, group, kind }: { name: ClusterResource; group: string; kind: string },
  versions: readonly string[],
  scope: string | undefined,
  objects: FluxObject[],
): Promise<Listed | undefined> {
  let listed: Listed | undefined
  for (const version of versions) {
    let own: FluxObject[] = []
    const root = `/apis/${group}/${version}`
    listed = await listAll(
      api,
      scope === undefined ? `${root}/${name}` : `${root}/namespaces/${scope}/${name}`,
      {},
      {
        start: () => {
          own = []
        },
        item: (item) => {
          const object = readFluxObject(kind, item)
          if (object && objects.length + own.length < maxObjects) own.push(object)
        },
      },
    )
    if (listed.ok) objects.push(...own)
    if (listed.ok || listed.failure.kind !== 'not-found') return listed
  }
  return listed
}

import type { NodeFact } from '../../facts/cluster/pulls.ts'
import { type ClusterResource, clusterResources, type UnreadList } from '../../facts/cluster/rights.ts'
import type { ClusterFact } from '../../facts/cluster.ts'
import {
  imageOfEvent,
  isPullFailure,
  isRealPull,
  type PodEvent,
  readEvent,
} from '../../facts/queries/cluster/events.ts'
import { judgeFlux } from '../../facts/queries/cluster/flux.ts'
import { readNode } from '../../facts/queries/cluster/nodes.ts'
import { addPod, emptyPodScan, imagesOf, type PodScan } from '../../facts/queries/cluster/pods.ts'
import {
  addFailure,
  addWaiting,
  closeRows,
  type OpenRows,
  openRows,
} from '../../facts/queries/cluster/pull-rows.ts'
import { addPullTime, type PullTimes, stuckPulls } from '../../facts/queries/cluster/stuck.ts'
import type { ClusterApi } from './api.ts'
import { type Listed, listAll } from './list.ts'
import { readFlux } from './read-flux.ts'
import { readSecrets } from './read-secrets.ts'

export type ClusterReading = Pick<
  ClusterFact,
  'unread' | 'nodes' | 'counts' | 'pulls' | 'morePulls' | 'stuck' | 'pulling' | 'at' | 'flux' | 'secrets'
> & { images: string[] }

/** Reads what a cluster knows of its pulls, once. Of each page only what is wrong is kept. */
export async function readCluster(
  api: ClusterApi,
  namespaces: readonly string[],
  gates: readonly string[] = [],
): Promise<ClusterReading> {
  const unread: UnreadList[] = []
  const nodes: NodeFact[] = []
  const nodeList = await listAll(
    api,
    '/api/v1/nodes',
    {},
    {
      start: () => nodes.splice(0),
      item: (item) => nodes.push(...[readNode(item) ?? []].flat()),
    },
  )
  note(unread, 'nodes', undefined, nodeList)
  // A whole cluster, or each namespace by itself: a namespace that may not be read hides nothing of the others.
  const scopes: (string | undefined)[] = namespaces.length > 0 ? [...namespaces] : [undefined]
  const pods = emptyPodScan()
  let podsSeen = 0
  for (const scope of scopes) {
    let scan = emptyPodScan()
    const listed = await listAll(
      api,
      pathOf('pods', scope),
      {},
      {
        start: () => {
          scan = emptyPodScan()
        },
        item: (item) => addPod(scan, item),
      },
    )
    note(unread, 'pods', scope, listed)
    if (listed.ok) {
      podsSeen += 1
      merge(pods, scan)
    }
  }
  const rows = openRows()
  const times: PullTimes = new Map()
  const pulled = new Map<string, Set<string>>()
  let events = 0
  for (const scope of scopes) events += await readEvents(api, scope, { unread, rows, times, pulled, pods })
  addWaiting(rows, pods.failing)
  const flux = await readFlux(api, scopes, unread)
  const at = api.serverTime()
  const closed = closeRows(rows, { pods: podsSeen === scopes.length ? pods : undefined, pulled, at })
  const secrets = await readSecrets(api, scopes, {
    isGate: gates.includes('secrets'),
    pulls: closed.pulls,
    unread,
  })
  return {
    ...{ unread, nodes, at },
    ...closed,
    ...(flux ? { flux: judgeFlux(flux, closed.pulls) } : {}),
    ...(secrets ? { secrets } : {}),
    ...stuckPulls(pods, times, at),
    images: imagesOf(pods),
    counts: {
      nodes: nodes.length || pods.nodes.size,
      pods: pods.pods,
      namespaces: pods.namespaces.size,
      events,
    },
  }
}

interface EventTargets {
  unread: UnreadList[]
  rows: OpenRows
  times: PullTimes
  pulled: Map<string, Set<string>>
  pods: PodScan
}

/** Failures always; begins and ends of pulls only where something makes them worth asking for. */
async function readEvents(
  api: ClusterApi,
  scope: string | undefined,
  { unread, rows, times, pulled, pods }: EventTargets,
): Promise<number> {
  let failures: PodEvent[] = []
  const list = (reason: string, item: (event: PodEvent) => void, start = () => {}) =>
    listAll(
      api,
      pathOf('events', scope),
      { fieldSelector: `involvedObject.kind=Pod,reason=${reason}` },
      {
        start,
        item: (raw) => {
          const event = readEvent(raw)
          if (event) item(event)
        },
      },
    )
  const failed = await list(
    'Failed',
    (event) => {
      if (isPullFailure(event)) failures.push(event)
    },
    () => {
      failures = []
    },
  )
  note(unread, 'events', scope, failed)
  if (!failed.ok) return 0
  for (const event of failures) addFailure(rows, event)
  let count = failed.count
  if (pods.creating.size > 0) {
    const began = await list('Pulling', (event) => addPullTime(times, pods, event, 'began'))
    count += began.ok ? began.count : 0
  }
  if (pods.creating.size > 0 || failures.length > 0 || pods.failing.length > 0) {
    const ended = await list('Pulled', (event) => {
      addPullTime(times, pods, event, 'ended')
      if (!isRealPull(event)) return
      const image = imageOfEvent(event)
      pulled.set(image, (pulled.get(image) ?? new Set()).add(event.node))
    })
    count += ended.ok ? ended.count : 0
  }
  return count
}

function pathOf(resource: ClusterResource, namespace: string | undefined): string {
  const { group } = clusterResources[resource]
  const root = group === '' ? '/api/v1' : `/apis/${group}/v1`
  return namespace === undefined
    ? `${root}/${resource}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${resource}`
}

function note(
  unread: UnreadList[],
  resource: ClusterResource,
  namespace: string | undefined,
  listed: Listed,
): void {
  if (!listed.ok)
    unread.push({ resource, failure: listed.failure, ...(namespace === undefined ? {} : { namespace }) })
}

function merge(all: PodScan, scan: PodScan): void {
  all.pods += scan.pods
  for (const one of scan.namespaces) all.namespaces.add(one)
  for (const one of scan.nodes) all.nodes.add(one)
  all.failing.push(...scan.failing)
  for (const [uid, waiting] of scan.creating) all.creating.set(uid, waiting)
  for (const [image, nodes] of scan.running) {
    const known = all.running.get(image) ?? new Map<string, number>()
    for (const [node, count] of nodes) known.set(node, (known.get(node) ?? 0) + count)
    all.running.set(image, known)
  }
}

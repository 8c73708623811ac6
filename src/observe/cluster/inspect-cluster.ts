import { setTimeout as wait } from 'node:timers/promises'
import type { ClusterFact } from '../../facts/cluster.ts'
import { defaultProbeNamespace } from '../../settings/cluster.ts'
import type { Settings } from '../../settings/schema.ts'
import { type Session, wants } from '../session.ts'
import type { ClusterAccess } from './access.ts'
import type { ClusterApi } from './api.ts'
import type { ClusterReading } from './read-cluster.ts'

/** Kubelet tries again after 10 s at the soonest. */
const againMs = 5000

/** Reads the cluster that the settings name; with `wait`, again and again until its pulls settle or the time is up. */
export async function inspectCluster({
  options,
}: Pick<Session, 'options'>): Promise<ClusterFact | undefined> {
  const { settings, env, signal, now, keepSecret, version } = options
  if (settings.mode !== 'cluster' || !wants(options, ['cluster'])) return undefined
  // Loaded only where there is a cluster to read.
  const [{ findAccess }, { openApi }] = await Promise.all([import('./find-access.ts'), import('./api.ts')])
  const { kubeconfig, kube_context: context, namespaces } = settings
  const nothing = {
    namespaces,
    unread: [],
    nodes: [],
    pulls: [],
    morePulls: 0,
    stuck: [],
    pulling: 0,
    counts: { nodes: 0, pods: 0, namespaces: 0, events: 0 },
    at: now(),
  }
  const found = await findAccess({ kubeconfig, context, env })
  if (!found.ok)
    return { ...nothing, server: '', from: found.from, failure: { of: 'config', why: found.why } }
  const { server, from, context: named } = found.value
  const about = { server: server.origin, from, ...(named === undefined ? {} : { context: named }) }
  const api = openApi(found.value, { env, signal, now, keepSecret, userAgent: `regguard/${version}` })
  try {
    // Open to everybody who is logged in, and mostly to everybody: it tells a dead server from a missing right.
    const first = await api.get('/version')
    if (!first.ok && first.failure.kind !== 'forbidden')
      return { ...nothing, ...about, failure: { of: 'api', ...first.failure } }
    const { images, ...reading } = await readUntilSettled(api, namespaces, {
      gates: settings.gates,
      waitMs: settings.wait,
      now,
      signal,
    })
    return {
      ...{ ...about, namespaces, ...reading },
      ...(options.plan.mirrors.length > 0 ? { images } : {}),
      ...(await viewsOf(api, settings, found.value, signal)),
    }
  } finally {
    await api.close()
  }
}

/** What the probes on the nodes saw, where it is asked for. */
async function viewsOf(
  api: ClusterApi,
  { nodes, probe_namespace: namespace = defaultProbeNamespace }: Settings,
  { isInside }: ClusterAccess,
  signal: AbortSignal,
): Promise<Pick<ClusterFact, 'views'>> {
  if (!nodes) return {}
  const { readViews } = await import('./read-views.ts')
  return { views: await readViews(api, { namespace, isInside: isInside === true, signal }) }
}

async function readUntilSettled(
  api: ClusterApi,
  namespaces: readonly string[],
  {
    waitMs,
    gates,
    now,
    signal,
  }: { waitMs: number; gates: readonly string[]; now: () => number; signal: AbortSignal },
): Promise<ClusterReading & { waitedMs?: number }> {
  const { readCluster } = await import('./read-cluster.ts')
  const startedAt = now()
  for (;;) {
    const reading = await readCluster(api, namespaces, gates)
    const waitedMs = now() - startedAt
    if (waitMs === 0) return reading
    if (isSettled(reading) || waitedMs + againMs > waitMs || signal.aborted) return { ...reading, waitedMs }
    await wait(againMs, undefined, { signal }).catch(() => {})
  }
}

/** Whether no pod waits for an image any more. Where pods cannot be read, waiting shows nothing. */
const isSettled = ({ pulls, stuck, pulling, unread }: ClusterReading): boolean =>
  unread.some(({ resource }) => resource === 'pods') ||
  (pulling === 0 && stuck.length === 0 && pulls.every(({ isFailing }) => !isFailing))

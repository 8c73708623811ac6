import type { Group } from '../core/groups.ts'
import type { ClusterFact } from '../facts/cluster.ts'
import type { Facts } from '../facts/facts.ts'
import type { PathFact } from '../facts/path.ts'
import { targetsOf } from '../facts/queries/cluster/targets.ts'
import type { CoverageFact } from '../facts/registry/coverage.ts'
import type { RunnerFact } from '../facts/runner.ts'
import { inspectCluster } from './cluster/inspect-cluster.ts'
import { inspectPath } from './path/inspect-path.ts'
import { withBeyond } from './runner/beyond.ts'
import { observeEgress } from './runner/egress.ts'
import { observeRunner } from './runner/runner.ts'
import { hostAccess, type ObserveOptions, openSession, type Session, wants } from './session.ts'
import { inspectStorage } from './storage/inspect-storage.ts'

export type { ObserveOptions } from './session.ts'

/** The observer of each group's facts. */
const observers = {
  image: async ({ images }) => (await images()).image,
  registry: async ({ images }) => (await images()).registry,
  path: inspectPath,
  runner: async ({ options, imagesDone }) =>
    wants(options, ['runner']) ? inspectRunner(options, imagesDone) : undefined,
  storage: inspectStorage,
  cluster: inspectCluster,
} satisfies { [G in Group]: (session: Session) => Promise<Facts[G]> }

/** Gathers the facts of a run; returns when all wanted observations are complete, or soon after `signal` aborts. */
export async function observe(given: ObserveOptions): Promise<Facts> {
  // First of all: it names the images.
  const cluster = await observers.cluster({ options: given })
  const options = cluster ? withTargets(given, cluster) : given
  const session = openSession(options)
  try {
    const [image, registry, path, runner, storage, coverage] = await Promise.all([
      observers.image(session),
      observers.registry(session),
      observers.path(session),
      observers.runner(session),
      observers.storage(session),
      inspectCoverage(session, cluster),
    ])
    return {
      ...{ image, path },
      registry: { ...registry, ...(coverage ? { coverage } : {}) },
      ...(runner ? { runner: await withEgress(withBeyond(runner, path), path, options) } : {}),
      ...(storage ? { storage } : {}),
      ...(cluster ? { cluster } : {}),
    }
  } finally {
    await session.client.close()
  }
}

function inspectRunner(options: ObserveOptions, imagesDone: AbortSignal): Promise<RunnerFact> {
  const { settings, plan, env, isInconsistent } = options
  return observeRunner({
    ...{ env, isInconsistent, listeners: plan.listeners },
    access: hostAccess(options),
    windowMs: settings.runner_window,
    hostSnapshot: settings.host_snapshot,
    ...(settings.docker_socket === undefined ? {} : { dockerSocket: settings.docker_socket }),
    // Without images to verify, the runner is watched for the whole window.
    ...(plan.targets.length > 0 || plan.catalog ? { endEarly: imagesDone } : {}),
  })
}

/** Which images mirrors hold, where that is asked for. By connections of its own: a mirror is no part of the path to the registry. */
async function inspectCoverage(
  session: Session,
  cluster: ClusterFact | undefined,
): Promise<CoverageFact | undefined> {
  const { options } = session
  const { plan, wanted } = options
  if (plan.mirrors.length === 0 || !wanted.has('registry.mirrors')) return undefined
  const { observeCoverage } = await import('./registry/mirrors/coverage.ts')
  const client = session.openClient()
  try {
    return await observeCoverage({
      ...{ ...options, client, cluster, mirrors: plan.mirrors, platforms: plan.platforms },
      named: plan.targets.map(({ reference }) => reference),
      credentials: await session.credentials(),
    })
  } finally {
    await client.close()
  }
}

/** What the requests of a run reached decides whether more has to be asked. */
async function withEgress(runner: RunnerFact, path: PathFact, options: ObserveOptions): Promise<RunnerFact> {
  if (!options.wanted.has('runner.egress')) return runner
  const egress = await observeEgress(hostAccess(options), runner, path)
  return egress ? { ...runner, egress } : runner
}

/** The images that pods of a cluster wait for are verified; without any, nothing of an image or a path is asked for. */
function withTargets(options: ObserveOptions, cluster: ClusterFact): ObserveOptions {
  const targets = targetsOf(cluster)
  const wanted = [...options.wanted].filter(
    (one) => targets.length > 0 || one.startsWith('cluster.') || one === 'registry.mirrors',
  )
  return { ...options, plan: { ...options.plan, targets }, wanted: new Set(wanted) }
}

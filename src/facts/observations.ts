import type { Failure } from '../core/failure.ts'
import type { Remedy } from '../core/remedy.ts'
import { isOfFlux, unreadText } from './cluster/rights.ts'
import type { ClusterFact } from './cluster.ts'
import type { Facts } from './facts.ts'
import type { RepositoryFact } from './image.ts'
import { freshViews, missingViews } from './queries/cluster/unprobed.ts'
import { type FailureSource, failuresIn } from './queries/image/failures.ts'
import { gapIn } from './queries/runner/partly-read.ts'
import { type RunnerArea, runnerAreas } from './runner.ts'

/** One thing that a check reads. */
export type Observation =
  | 'image.targets'
  | 'image.manifests'
  | 'image.blobs'
  | 'image.referrers'
  | 'image.anonymous'
  | 'registry.catalog'
  | 'registry.answers'
  | 'registry.push'
  | 'registry.mirrors'
  | 'path.hosts'
  | 'path.requests'
  | 'path.mirrors'
  | 'path.legs'
  | 'path.addresses'
  | 'path.rounds'
  | 'path.cached'
  | 'path.names'
  | 'path.mtu'
  | RunnerObservation
  | StorageObservation
  | ClusterObservation

/** One thing seen of a registry's storage. */
type StorageObservation =
  | 'storage.layout'
  | 'storage.links'
  | 'storage.blobs'
  | 'storage.images'
  | 'storage.hashes'
  | 'storage.multipart'
  | 'storage.registry'

/** One thing seen of a cluster. `cluster.api`: whether it could be read at all. */
type ClusterObservation =
  | 'cluster.api'
  | 'cluster.pods'
  | 'cluster.events'
  | 'cluster.nodes'
  | 'cluster.flux'
  | 'cluster.secrets'
  | 'cluster.views'

/** One thing inspected on a runner. `runner.engine` and `runner.programs` are not listed as areas in reports. */
export type RunnerObservation =
  `runner.${RunnerArea | 'vantage' | 'engine' | 'programs' | 'interfaces' | 'egress' | 'daemons' | 'proxies' | 'published'}`

/** The state of an observation. `off`: not enabled, or nothing of the kind exists here. */
export type ObservationState =
  | { state: 'observed' }
  | { state: 'missing'; why: string; remedies: Remedy[] }
  | { state: 'off'; why: string }

const observed: ObservationState = { state: 'observed' }
const off = (why: string): ObservationState => ({ state: 'off', why })

/** Missing if there are failures; the first one is the reason. */
function observedUnless(failures: Failure[]): ObservationState {
  const [first] = failures
  if (!first) return observed
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : ''
  return { state: 'missing', why: `${first.host}: ${first.detail}${more}`, remedies: [] }
}

/** The state of each observation in the facts of a run. */
const states: Record<
  Exclude<Observation, RunnerObservation | StorageObservation | ClusterObservation>,
  (facts: Facts) => ObservationState
> = {
  'image.targets': (facts) => images(facts, ['target']),
  'image.manifests': (facts) =>
    orNothing(
      images(facts, ['target', 'manifest']),
      facts,
      ({ manifests }) => manifests,
      'no manifest was found',
    ),
  'image.blobs': (facts) =>
    orNothing(
      images(facts, ['target', 'manifest', 'blob']),
      facts,
      ({ blobs }) => blobs,
      'no blob is listed',
    ),
  'image.referrers': (facts) =>
    facts.image.repositories.some(({ referrers }) => referrers)
      ? images(facts, ['target', 'manifest', 'referrers'])
      : off('only with `referrers: true`'),
  'image.anonymous': (facts) =>
    facts.image.repositories.some(({ anonymous }) => anonymous)
      ? images(facts, ['anonymous'])
      : off('only with `also_anonymous: true`'),
  'registry.catalog': (facts) =>
    facts.registry.catalog
      ? observedUnless(failuresIn(facts, ['catalog', 'tags']).map(({ why }) => why))
      : off('only with `catalog: true`'),
  'registry.answers': ({ path }) => (path.requests > 0 ? observed : off('no request was sent to a registry')),
  'registry.push': ({ registry }) => (registry.push ? observed : off('only with `push_access: true`')),
  'registry.mirrors': ({ registry: { coverage } }) => {
    if (!coverage) return off('only with `mirror_coverage`')
    const unknown = coverage.mirrors.find(({ isFailing }) => isFailing)
    return unknown
      ? { state: 'missing', why: `${unknown.mirror}: ${unknown.why ?? 'not asked'}`, remedies: [] }
      : observed
  },
  'path.requests': ({ path }) => (path.requests > 0 ? observed : off('no request was sent to a registry')),
  'path.addresses': ({ path }) => (path.addresses ? observed : off('no host has several addresses')),
  'path.legs': ({ path }) =>
    path.legs ? observed : off('only with `endpoints` or `vantage`, or after a failed request'),
  'path.rounds': ({ path }) => (path.rounds ? observed : off('only with `repeat`')),
  'path.names': ({ path }) => (path.names ? observed : off('no host name was looked up')),
  'path.cached': ({ path }) =>
    path.cached ? observed : off('only after a failed request, where the engine of this machine answers'),
  'path.mtu': ({ path: { mtu } }) => {
    if (!mtu) return off('only after a timeout, or with `path_mtu: true`')
    const [unmeasured] = mtu.map(({ measured }) => measured).filter((area) => !area.seen)
    const isMeasured = mtu.some(({ measured }) => measured.seen)
    return isMeasured || !unmeasured
      ? observed
      : { state: 'missing', why: unmeasured.why, remedies: unmeasured.remedies }
  },
  'path.mirrors': ({ path }) => (path.mirrors ? observed : off('only with `mirror_config`')),
  'path.hosts': ({ path }) => {
    if (path.hosts.length === 0) return off('no request was sent to a registry')
    const reached = path.hosts.some(({ addresses, proxy }) => addresses.length > 0 || proxy !== undefined)
    return reached ? observed : { state: 'missing', why: 'no host was reached', remedies: [] }
  },
}

function images(facts: Facts, sources: FailureSource[]): ObservationState {
  if (facts.image.targets.length === 0) return off('no image to verify')
  return observedUnless(failuresIn(facts, sources).map(({ why }) => why))
}

/** What was observed, if there is any of it: a check of objects that do not exist has not passed. */
function orNothing(
  state: ObservationState,
  { image }: Facts,
  objectsOf: (repository: RepositoryFact) => unknown[],
  why: string,
): ObservationState {
  const none = image.repositories.every((repository) => objectsOf(repository).length === 0)
  return state.state === 'observed' && none ? off(why) : state
}

/** The state of an observation. */
export function stateOf(observation: Observation, facts: Facts): ObservationState {
  if (isRunner(observation)) return runnerState(observation, facts)
  if (isCluster(observation)) return clusterState(observation, facts)
  return isStorage(observation) ? storageState(observation, facts) : states[observation](facts)
}

const isRunner = (observation: Observation): observation is RunnerObservation =>
  observation.startsWith('runner.')

const isStorage = (observation: Observation): observation is StorageObservation =>
  observation.startsWith('storage.')

const isCluster = (observation: Observation): observation is ClusterObservation =>
  observation.startsWith('cluster.')

function clusterState(observation: ClusterObservation, { cluster }: Facts): ObservationState {
  if (!cluster) return off('only with `mode: cluster`')
  if (cluster.failure) return { state: 'missing', why: cluster.failure.why, remedies: [] }
  if (observation === 'cluster.views') return viewsState(cluster)
  const [first] = cluster.unread.filter(({ resource }) =>
    observation === 'cluster.flux'
      ? isOfFlux(resource)
      : observation === (resource === 'externalsecrets' ? 'cluster.secrets' : `cluster.${resource}`),
  )
  if (observation === 'cluster.secrets' && !first && !cluster.secrets)
    return off('only with `gates: secrets`, or where a pull is refused with a pull secret')
  if (observation === 'cluster.flux' && !first && !cluster.flux) return off('Flux is not installed')
  return first ? { state: 'missing', why: unreadText(first), remedies: [] } : observed
}

function viewsState(cluster: ClusterFact): ObservationState {
  const { views } = cluster
  if (!views) return off('only with `nodes: true`')
  const [first] = missingViews(cluster)
  const why =
    views.failure?.why ??
    first?.why ??
    `there is no probe in the namespace ${views.namespace} (docs/nodes.md)`
  return freshViews(cluster).length > 0 ? observed : { state: 'missing', why, remedies: [] }
}

/** What stands below each half of a storage, `blobs` and `repositories`, has to be read for an observation. */
const halvesOf: Record<StorageObservation, readonly ('blobs' | 'repositories')[]> = {
  'storage.layout': [],
  'storage.hashes': ['blobs'],
  'storage.links': ['repositories'],
  'storage.blobs': ['blobs'],
  'storage.images': ['repositories', 'blobs'],
  'storage.multipart': [],
  'storage.registry': [],
}

function storageState(observation: StorageObservation, { storage }: Facts): ObservationState {
  if (!storage) return off('only with `storage`')
  const { layout, unread, multipart, registry } = storage
  // An extra, for steps that have the socket anyway: nothing is missing without it.
  if (observation === 'storage.registry' && !registry?.seen)
    return off(registry?.why ?? 'no container engine at hand')
  if (!layout.seen) return { state: 'missing', why: layout.why, remedies: layout.remedies }
  if (observation === 'storage.hashes') {
    if (!storage.hashes) return off('nothing was hashed')
    if (!storage.hashes.seen) return { state: 'missing', why: storage.hashes.why, remedies: [] }
  }
  if (observation === 'storage.multipart') {
    if (!multipart) return off('only in a bucket')
    if (multipart.state === 'refused') return { state: 'missing', why: multipart.why, remedies: [] }
  }
  const halves = halvesOf[observation]
  const [first] = unread.places.filter(({ half }) => halves.includes(half))
  if (!first) return observed
  const more = halves.reduce((sum, half) => sum + unread.counts[half], 0) - 1
  const why = `${first.path}: ${first.why}${more > 0 ? ` (and ${more} more)` : ''}`
  return { state: 'missing', why, remedies: first.kind === 'permission' ? ['storage-access'] : [] }
}

function runnerState(observation: RunnerObservation, { runner }: Facts): ObservationState {
  if (!runner) return { state: 'missing', why: 'the runner was not inspected', remedies: [] }
  const name = observation.slice('runner.'.length)
  if (name === 'vantage') return observed
  if (name === 'interfaces')
    return runner.interfaces ? observed : off('interfaces are counted only in a plain container')
  if (name === 'egress') return runner.egress ? observed : off('only in a container with a default route')
  if (name === 'daemons') return runner.daemons ? observed : off('no Docker daemon’s process can be seen')
  if (name === 'proxies') return runner.proxies ? observed : off('no docker-proxy can be seen')
  if (name === 'published')
    return runner.published ? observed : off('only an engine lists the ports that it publishes')
  const area = runner[name as RunnerArea | 'engine' | 'programs']
  const gap = gapIn(runner, name as RunnerArea)
  if (gap) return { state: 'missing', ...gap }
  if (area.seen) return observed
  return area.applies ? { state: 'missing', why: area.why, remedies: area.remedies } : off(area.why)
}

/** The areas of the runner that are required and missing. */
export const missingAreas = (facts: Facts): RunnerArea[] =>
  runnerAreas.filter((area) => runnerState(`runner.${area}`, facts).state === 'missing')

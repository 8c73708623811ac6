import type { ClusterFact } from './cluster.ts'
import type { Facts } from './facts.ts'
import type { Observation, RunnerObservation } from './observations.ts'
import type { NamesFact } from './path/names.ts'
import type { RunnerFact } from './runner.ts'
import type { StorageFact } from './storage.ts'

/** The facts behind each observation. Failures of requests are stored with the objects that could not be observed. */
interface Views {
  'image.targets': Pick<Facts, 'image'>
  'image.manifests': Pick<Facts, 'image'>
  'image.blobs': Pick<Facts, 'image'>
  'image.referrers': Pick<Facts, 'image'>
  'image.anonymous': Pick<Facts, 'image'>
  'registry.catalog': Pick<Facts, 'registry'>
  'registry.answers': Pick<Facts, 'registry'>
  'registry.push': Pick<Facts, 'registry'>
  'registry.mirrors': Pick<Facts, 'registry'>
  'path.hosts': Pick<Facts, 'path'>
  'path.legs': Pick<Facts, 'path'>
  'path.addresses': Pick<Facts, 'path'>
  'path.rounds': Pick<Facts, 'path'>
  'path.cached': Pick<Facts, 'path'>
  'path.mirrors': Pick<Facts, 'path'>
  'path.mtu': Pick<Facts, 'path'>
  'path.requests': Pick<Facts, 'image' | 'registry' | 'path'>
  'path.names': { path: { names?: NamesFact } }
  'storage.layout': StorageView<never>
  'storage.links': StorageView<'judged'>
  'storage.blobs': StorageView<'judged'>
  'storage.images': StorageView<'judged' | 'forecast'>
  'storage.hashes': StorageView<'hashes'>
  'storage.multipart': StorageView<'multipart'>
  'storage.registry': StorageView<'registry'>
  'cluster.api': ClusterView<'unread'>
  'cluster.pods': ClusterView<'pulls' | 'morePulls' | 'stuck'>
  'cluster.events': ClusterView<'pulls' | 'morePulls' | 'stuck'>
  'cluster.nodes': ClusterView<'nodes'>
  'cluster.flux': ClusterView<'flux'>
  'cluster.secrets': ClusterView<'secrets'>
  'cluster.views': ClusterView<'views' | 'nodes' | 'pulls'>
}

/** These parts of what was seen of a storage, with what every check of it needs. */
interface StorageView<K extends keyof StorageFact> {
  storage: Pick<
    StorageFact,
    K | 'root' | 'driver' | 'layout' | 'instead' | 'advice' | 'unread' | 'stopped' | 'registry'
  >
}

/** These parts of what was seen of a cluster, with what every check of it needs. */
interface ClusterView<K extends keyof ClusterFact> {
  cluster: Pick<ClusterFact, K | 'server' | 'from' | 'context' | 'namespaces' | 'failure' | 'counts' | 'at'>
}

/** The named areas of a runner, with the fields that every area needs. */
export type RunnerView<K extends Exclude<keyof RunnerFact, 'at' | 'again'>> = Pick<
  RunnerFact,
  K | 'at' | 'again'
>

type NameOf<O> = O extends `runner.${infer K extends Exclude<keyof RunnerFact, 'at' | 'again'>}` ? K : never

type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void
  ? I
  : never

/** The runner facts behind these observations. */
export type RunnerViewOf<O extends RunnerObservation> = RunnerView<NameOf<O>>

/** The facts behind these observations: a check can read nothing else. */
export type FactsView<O extends Observation> = Intersection<Views[Exclude<O, RunnerObservation>]> &
  (Extract<O, RunnerObservation> extends never
    ? unknown
    : { runner: RunnerViewOf<Extract<O, RunnerObservation>> })

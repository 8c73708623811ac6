import type { ApiServer, Asker } from './api-server.ts'
import { fluxItem } from './flux-objects.ts'
import { backOff, eventOf, failedPull, nodeOf, podOf, resolveError } from './objects.ts'
import type { Exchange } from './recording.ts'

const timedOut = resolveError('dial tcp 203.0.113.7:443: i/o timeout')
const pod = (name: string, namespace = 'shop') => podOf({ name, namespace, waiting: backOff(timedOut) })
const event = (name: string, options: Partial<Parameters<typeof eventOf>[0]> = {}) =>
  eventOf({ pod: name, message: failedPull(timedOut), ...options })

/** What the API server holds that was recorded, and the fake one that is compared with it; in the order of their keys. */
export const recordedCluster = {
  nodes: [nodeOf('node-1'), nodeOf('node-2')],
  pods: [pod('a', 'other'), ...['a', 'b', 'c', 'd'].map((name) => pod(name))],
  events: [
    event('a', { namespace: 'other' }),
    event('a'),
    event('b', { reason: 'Pulling', message: 'Pulling image "x"' }),
  ],
  releases: [fluxItem('web', { namespace: 'other' }), fluxItem('api', { namespace: 'shop' })],
}

/** A question of the recording. */
export interface Question extends Pick<Exchange, 'what' | 'as' | 'path'> {
  /** What has to be asked before; its result stands for PLACE. */
  before?: (api: Pick<ApiServer, 'ask'>, as: Asker | undefined) => Promise<string>
  /** Asked when the server has forgotten the place. */
  isForgotten?: boolean
}

const helm = '/apis/helm.toolkit.fluxcd.io'
const secondPage: NonNullable<Question['before']> = async (api, as) => {
  const { body } = await api.ask('/api/v1/pods?limit=2', as === undefined ? {} : { as })
  return encodeURIComponent(body.metadata.continue)
}

/** What regguard asks, and how it is refused. */
export const questions: Question[] = [
  { what: 'a list', as: 'reader', path: '/api/v1/nodes?limit=500' },
  { what: 'the first page', as: 'reader', path: '/api/v1/pods?limit=2' },
  { what: 'the next page', as: 'reader', path: '/api/v1/pods?limit=2&continue=PLACE', before: secondPage },
  { what: 'a list of one namespace', as: 'reader', path: '/api/v1/namespaces/other/pods?limit=500' },
  { what: 'a list of a namespace that does not exist', as: 'reader', path: '/api/v1/namespaces/none/pods' },
  {
    what: 'events of failed pulls',
    as: 'reader',
    path: '/api/v1/events?fieldSelector=involvedObject.kind%3DPod%2Creason%3DFailed&limit=500',
  },
  { what: 'a field that cannot be selected', as: 'reader', path: '/api/v1/events?fieldSelector=message%3Dx' },
  { what: 'a group', as: 'reader', path: helm },
  { what: 'a group that is not installed', as: 'reader', path: '/apis/kustomize.toolkit.fluxcd.io' },
  { what: 'a list of custom resources', as: 'reader', path: `${helm}/v2/helmreleases?limit=500` },
  { what: 'the same in another version', as: 'reader', path: `${helm}/v2beta2/helmreleases?limit=500` },
  { what: 'a resource that its group has not', as: 'reader', path: `${helm}/v2/nothing` },
  { what: 'a version that its group has not', as: 'reader', path: `${helm}/v9/helmreleases` },
  {
    what: 'a list of a group that is not installed',
    as: 'reader',
    path: '/apis/source.toolkit.fluxcd.io/v1/ocirepositories',
  },
  { what: 'a list that is not permitted', as: 'ci', path: '/api/v1/pods' },
  { what: 'the same in a namespace', as: 'ci', path: '/api/v1/namespaces/shop/events' },
  { what: 'custom resources that are not permitted', as: 'ci', path: `${helm}/v2/helmreleases` },
  {
    what: 'neither permitted nor installed',
    as: 'ci',
    path: '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
  },
  { what: 'a wrong token', as: 'wrong token', path: '/api/v1/pods' },
  {
    what: 'a place that was forgotten',
    as: 'reader',
    path: '/api/v1/pods?limit=2&continue=PLACE',
    before: secondPage,
    isForgotten: true,
  },
  { what: 'a place that is no place', as: 'reader', path: '/api/v1/pods?limit=2&continue=none' },
]

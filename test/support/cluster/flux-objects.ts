import { type FluxObject, readFluxObject } from '../../../src/facts/queries/cluster/flux-object.ts'

interface Options {
  namespace?: string
  generation?: number
  /** The generation that its status is of. */
  observed?: number
  /** The generation that its conditions are of: controllers advance it at once, and that of the status when they succeed. */
  seen?: number
  suspend?: boolean
  artifact?: boolean
  conditions?: [type: string, status: string, reason: string, message?: string][]
  spec?: object
  status?: object
}

/** An object of Flux as the API gives it. */
export const fluxItem = (
  name: string,
  {
    namespace = 'flux-system',
    generation = 2,
    observed = generation,
    seen = observed,
    suspend,
    artifact = false,
    conditions = [],
    spec = {},
    status = {},
  }: Options = {},
) => ({
  metadata: { name, namespace, generation },
  spec: { ...spec, ...(suspend === undefined ? {} : { suspend }) },
  status: {
    observedGeneration: observed,
    conditions: conditions.map(([type, state, reason, message = '']) => ({
      type,
      status: state,
      reason,
      message,
      observedGeneration: seen,
      lastTransitionTime: '2026-11-29T08:00:00Z',
    })),
    ...(artifact
      ? {
          artifact: {
            revision: 'latest@sha256:abc',
            digest: 'sha256:abc',
            path: 'ocirepository/flux-system/app/abc.tar.gz',
            url: 'http://source-controller.flux-system.svc/ocirepository/flux-system/app/abc.tar.gz',
            lastUpdateTime: '2026-11-28T08:00:00Z',
          },
        }
      : {}),
    ...status,
  },
})

/** The same as regguard reads it. */
export function fluxObject(kind: string, name: string, options: Options = {}): FluxObject {
  const read = readFluxObject(kind, fluxItem(name, options))
  if (!read) throw new Error('it is no object of Flux')
  return read
}

export const timedOut =
  'failed to determine artifact digest: Get "https://ghcr.io/v2/": dial tcp 140.82.121.34:443: i/o timeout'

/** The conditions of a source whose last fetch failed, as source-controller writes them. */
export const fetchFailed = (
  message = timedOut,
  reason = 'OCIArtifactPullFailed',
): NonNullable<Options['conditions']> => [
  ['Reconciling', 'True', 'ProgressingWithRetry', message],
  ['Ready', 'False', reason, message],
  ['FetchFailed', 'True', reason, message],
]

/** An OCIRepository whose fetch failed. */
export const failingSource = (name = 'app', options: Options = {}) =>
  fluxObject('OCIRepository', name, {
    spec: { url: `oci://ghcr.io/team/${name}` },
    conditions: fetchFailed(),
    ...options,
  })

/** A release that takes from it. */
export const releaseOf = (
  source: string,
  [status, reason]: [string, string] = ['True', 'UpgradeSucceeded'],
  options: Options = {},
) =>
  fluxObject('HelmRelease', `of-${source}`, {
    namespace: 'shop',
    spec: { chartRef: { kind: 'OCIRepository', name: source, namespace: 'flux-system' } },
    conditions: [['Ready', status, reason]],
    ...options,
  })

import * as z from 'zod'

interface ResourceInfo {
  group: string
  for: string
  /** Its kind, for objects of Flux. */
  flux?: string
}

const source = 'source.toolkit.fluxcd.io'
const ofSources = 'which sources of Flux cannot be fetched'

/** What is read of a cluster, by the API group and the right that it needs. Everything is only listed. */
export const clusterResources = {
  pods: { group: '', for: 'which pods wait for an image' },
  events: { group: '', for: 'why, since when and how often pulls failed' },
  nodes: { group: '', for: 'how many nodes there are, and their runtimes' },
  ocirepositories: { group: source, for: ofSources, flux: 'OCIRepository' },
  helmrepositories: { group: source, for: ofSources, flux: 'HelmRepository' },
  helmcharts: { group: source, for: ofSources, flux: 'HelmChart' },
  gitrepositories: { group: source, for: ofSources, flux: 'GitRepository' },
  buckets: { group: source, for: ofSources, flux: 'Bucket' },
  externalartifacts: { group: source, for: ofSources, flux: 'ExternalArtifact' },
  helmreleases: { group: 'helm.toolkit.fluxcd.io', for: 'which releases are ready', flux: 'HelmRelease' },
  kustomizations: {
    group: 'kustomize.toolkit.fluxcd.io',
    for: 'which kustomizations are ready',
    flux: 'Kustomization',
  },
  externalsecrets: { group: 'external-secrets.io', for: 'which secrets are synchronised' },
} as const satisfies Record<string, ResourceInfo>

export type ClusterResource = keyof typeof clusterResources
const resources = Object.keys(clusterResources) as [ClusterResource, ...ClusterResource[]]

/** The lists of Flux, which are read where it is installed. */
export const fluxResources = resources.flatMap((name) => {
  const { group, flux }: ResourceInfo = clusterResources[name]
  return flux === undefined ? [] : [{ name, group, kind: flux }]
})
/** Whether a list is one of Flux. */
export const isOfFlux = (name: ClusterResource): boolean => fluxResources.some((one) => one.name === name)

/** Why a request to the API server had no result. */
const apiFailureKinds = [
  'unauthorized',
  'forbidden',
  'not-found',
  'expired',
  'throttled',
  'server-error',
  'invalid',
  'unreachable',
  'timeout',
  'stopped',
] as const

export const apiFailureSchema = z.object({
  kind: z.enum(apiFailureKinds),
  /** Part of a sentence for people. */
  why: z.string(),
  status: z.number().exactOptional(),
})
export type ApiFailure = z.infer<typeof apiFailureSchema>

/** One list that was wanted and not read. `namespace` is absent for a list over the whole cluster. */
export const unreadListSchema = z.object({
  resource: z.enum(resources),
  namespace: z.string().exactOptional(),
  failure: apiFailureSchema,
})
export type UnreadList = z.infer<typeof unreadListSchema>

/** What was not read, and why: `pods in shop: HTTP 403: …`. */
export const unreadText = ({ resource, namespace, failure }: UnreadList): string =>
  `${resource}${namespace === undefined ? '' : ` in ${namespace}`}: ${failure.why}`

/** The rule of a ClusterRole or, for a namespace, of a Role that permits a list: as YAML in one line. */
export function ruleText(resource: ClusterResource): string {
  const { group } = clusterResources[resource]
  return `{apiGroups: ["${group}"], resources: [${resource}], verbs: [list]}`
}

/** The kubectl command that permits it, with placeholders for who it is permitted to. */
export function grantCommands(resource: ClusterResource, namespace: string | undefined): string[] {
  const { group } = clusterResources[resource]
  const name = `regguard-${resource}`
  const what = `--verb=list --resource=${group === '' ? resource : `${resource}.${group}`}`
  return namespace === undefined
    ? [
        `kubectl create clusterrole ${name} ${what}`,
        `kubectl create clusterrolebinding ${name} --clusterrole=${name} --user=USER`,
      ]
    : [
        `kubectl -n ${namespace} create role ${name} ${what}`,
        `kubectl -n ${namespace} create rolebinding ${name} --role=${name} --user=USER`,
      ]
}

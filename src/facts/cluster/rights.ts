import * as z from 'zod'

/** What is read of a cluster, by the API group and the right that it needs. Everything is only listed. */
export const clusterResources = {
  pods: { group: '', scope: 'namespace', for: 'which pods wait for an image' },
  events: { group: '', scope: 'namespace', for: 'why, since when and how often pulls failed' },
  nodes: { group: '', scope: 'cluster', for: 'how many nodes there are, and their runtimes' },
} as const satisfies Record<string, { group: string; scope: 'namespace' | 'cluster'; for: string }>

export type ClusterResource = keyof typeof clusterResources
const resources = Object.keys(clusterResources) as [ClusterResource, ...ClusterResource[]]

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

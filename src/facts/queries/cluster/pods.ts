import * as z from 'zod'
import { containerKinds } from '../../cluster/pulls.ts'

const waiting = z.object({ reason: z.string().nullish(), message: z.string().nullish() })
const status = z.object({
  name: z.string(),
  state: z.object({ waiting: waiting.nullish(), running: z.object({}).nullish() }).nullish(),
})
const container = z.object({ name: z.string(), image: z.string().nullish() })
const list = <T extends z.ZodType>(of: T) => z.array(of).nullish()

/** What is read of a pod; its environment, which may hold secrets, is not. */
const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    creationTimestamp: z.string().nullish(),
  }),
  spec: z.object({
    nodeName: z.string().nullish(),
    imagePullSecrets: list(z.object({ name: z.string().nullish() })),
    containers: list(container),
    initContainers: list(container),
    ephemeralContainers: list(container),
  }),
  status: z
    .object({
      phase: z.string().nullish(),
      startTime: z.string().nullish(),
      containerStatuses: list(status),
      initContainerStatuses: list(status),
      ephemeralContainerStatuses: list(status),
    })
    .nullish(),
})
type Pod = z.infer<typeof podSchema>

/** A container that waits for its image now. */
export interface WaitingContainer {
  image: string
  node: string
  namespace: string
  pod: string
  uid: string
  container: string
  kind: (typeof containerKinds)[number]
  reason: string
  message: string
  /** When its pod came to the node, in milliseconds since the epoch. */
  since: number | undefined
  pullSecrets: string[]
}

/** The pods of a cluster, in short. */
export interface PodScan {
  pods: number
  namespaces: Set<string>
  nodes: Set<string>
  failing: WaitingContainer[]
  /** Containers that are being created, which includes their pull; by the pod's uid. */
  creating: Map<string, WaitingContainer[]>
  /** How many pods run an image on each node. */
  running: Map<string, Map<string, number>>
}

/** The reasons of kubelet that mean an image (kubernetes v1.36.3 `pkg/kubelet/images/types.go`); `ErrImagePull` and `ImagePullBackOff` alternate. */
const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])
const creatingReasons = new Set(['ContainerCreating', 'PodInitializing'])

/** So many containers that wait are looked at; a cluster with more has one cause for many of them. */
const maxWaiting = 5000

export const emptyPodScan = (): PodScan => ({
  pods: 0,
  namespaces: new Set(),
  nodes: new Set(),
  failing: [],
  creating: new Map(),
  running: new Map(),
})

/** Adds a pod, as the API gives it, to what is known of all. What is no pod is passed over. */
export function addPod(scan: PodScan, item: unknown): void {
  const read = podSchema.safeParse(item)
  if (!read.success) return
  const pod = read.data
  const { nodeName: node } = pod.spec
  scan.pods += 1
  scan.namespaces.add(pod.metadata.namespace)
  if (node) scan.nodes.add(node)
  // A pod that is being deleted waits for nothing.
  if (pod.metadata.deletionTimestamp) return
  for (const kind of containerKinds) addContainers(scan, pod, kind)
}

/** The images that pods run or wait for, each once. */
export const imagesOf = ({ running, failing, creating }: PodScan): string[] => [
  ...new Set([
    ...running.keys(),
    ...failing.map(({ image }) => image),
    ...[...creating.values()].flat().map(({ image }) => image),
  ]),
]

const fields = {
  init: ['initContainers', 'initContainerStatuses'],
  container: ['containers', 'containerStatuses'],
  ephemeral: ['ephemeralContainers', 'ephemeralContainerStatuses'],
} as const

function addContainers(scan: PodScan, pod: Pod, kind: WaitingContainer['kind']): void {
  const [ofSpec, ofStatus] = fields[kind]
  const { spec, status: state } = pod
  const node = spec.nodeName ?? ''
  for (const { name, state: { waiting: waits, running } = {} } of (state?.[ofStatus] ?? []).map((one) => ({
    ...one,
    state: one.state ?? {},
  }))) {
    const image = (spec[ofSpec] ?? []).find((one) => one.name === name)?.image
    if (!image) continue
    if (running && node !== '') {
      const nodes = scan.running.get(image) ?? new Map<string, number>()
      scan.running.set(image, nodes.set(node, (nodes.get(node) ?? 0) + 1))
    }
    const reason = waits?.reason ?? ''
    if (!pullReasons.has(reason) && !creatingReasons.has(reason)) continue
    const waiting = waitingOf(pod, {
      image,
      node,
      container: name,
      kind,
      reason,
      message: waits?.message ?? '',
    })
    if (creatingReasons.has(reason))
      scan.creating.set(waiting.uid, [...(scan.creating.get(waiting.uid) ?? []), waiting])
    else if (scan.failing.length < maxWaiting) scan.failing.push(waiting)
  }
}

function waitingOf(
  { metadata, spec, status: state }: Pod,
  of: Pick<WaitingContainer, 'image' | 'node' | 'container' | 'kind' | 'reason' | 'message'>,
): WaitingContainer {
  const since = Date.parse(state?.startTime ?? metadata.creationTimestamp ?? '')
  return {
    ...of,
    namespace: metadata.namespace,
    pod: metadata.name,
    uid: metadata.uid ?? `${metadata.namespace}/${metadata.name}`,
    since: Number.isNaN(since) ? undefined : since,
    pullSecrets: (spec.imagePullSecrets ?? []).flatMap((one) => one.name ?? []),
  }
}

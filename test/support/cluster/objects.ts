/** When the clusters of the tests are looked at. */
export const now = Date.parse('2026-11-29T08:12:00Z')
/** So many minutes before that, as the API writes times. */
export const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

export const app = 'registry.example.com/team/app:1.2'

interface PodOptions {
  name?: string
  namespace?: string
  node?: string
  image?: string
  /** The state of its container: running if absent. */
  waiting?: { reason: string; message?: string }
  kind?: 'init' | 'container' | 'ephemeral'
  pullSecrets?: string[]
  deleted?: boolean
}

let made = 0
function nextName(): string {
  made += 1
  return `app-${made}`
}

/** A pod as the API gives it, with an environment that must never be seen again. */
export function podOf({
  name = nextName(),
  namespace = 'shop',
  node = 'node-1',
  image = app,
  waiting,
  kind = 'container',
  pullSecrets = [],
  deleted = false,
}: PodOptions) {
  const fields = {
    init: ['initContainers', 'initContainerStatuses'],
    container: ['containers', 'containerStatuses'],
    ephemeral: ['ephemeralContainers', 'ephemeralContainerStatuses'],
  } as const
  const [spec, status] = fields[kind]
  return {
    metadata: {
      ...{ name, namespace, uid: `uid-${namespace}-${name}`, creationTimestamp: minutesAgo(50) },
      ...(deleted ? { deletionTimestamp: minutesAgo(1) } : {}),
    },
    spec: {
      nodeName: node,
      containers: [{ name: 'app', image }],
      imagePullSecrets: pullSecrets.map((one) => ({ name: one })),
      [spec]: [{ name: 'main', image, env: [{ name: 'PASSWORD', value: 'env-s3cr3t' }] }],
    },
    status: {
      phase: waiting ? 'Pending' : 'Running',
      startTime: minutesAgo(50),
      [status]: [
        { name: 'main', image, state: waiting ? { waiting } : { running: { startedAt: minutesAgo(50) } } },
      ],
    },
  }
}

/** What kubelet since 1.32 writes to the status of a pod that backs off. */
export const backOff = (error: string, image = app) => ({
  reason: 'ImagePullBackOff',
  message: `Back-off pulling image "${image}": ErrImagePull: ${error}`,
})

interface EventOptions {
  pod?: string
  namespace?: string
  node?: string
  reason?: string
  message: string
  count?: number
  first?: number
  last?: number
}

/** An event of a pod's container as kubelet writes it; times in minutes before now. */
export const eventOf = ({
  pod = 'app-0',
  namespace = 'shop',
  node = 'node-1',
  reason = 'Failed',
  message,
  count = 1,
  first = 30,
  last = 1,
}: EventOptions) => ({
  metadata: { name: `${pod}.17`, namespace, creationTimestamp: minutesAgo(first) },
  involvedObject: {
    kind: 'Pod',
    namespace,
    name: pod,
    uid: `uid-${namespace}-${pod}`,
    fieldPath: 'spec.containers{main}',
  },
  ...{ reason, message, count, type: reason === 'Failed' ? 'Warning' : 'Normal' },
  ...{ firstTimestamp: minutesAgo(first), lastTimestamp: minutesAgo(last), eventTime: null },
  source: { component: 'kubelet', host: node },
  ...{ reportingComponent: 'kubelet', reportingInstance: node },
})

/** A node as the API gives it. */
export const nodeOf = (name: string, runtime = 'containerd://2.1.4') => ({
  metadata: { name },
  status: {
    addresses: [{ type: 'InternalIP', address: `10.0.1.${name.replace(/\D/g, '') || 1}` }],
    conditions: [{ type: 'Ready', status: 'True' }],
    nodeInfo: { containerRuntimeVersion: runtime, kubeletVersion: 'v1.36.3', architecture: 'amd64' },
  },
})

/** The error of containerd for a request of the resolve leg. */
export const resolveError = (
  tail: string,
  image = app,
  url = `https://${image.split('/')[0]}/v2/${image.split('/').slice(1).join('/').replace(/:.*/, '')}/manifests/${image.split(':').at(-1)}`,
) =>
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: Head "${url}": ${tail}`

/** What kubelet writes to an event of a pull that failed. */
export const failedPull = (error: string, image = app) => `Failed to pull image "${image}": ${error}`

interface ProbePodOptions {
  node: string
  name?: string
  /** On the network of the node. */
  host?: boolean
  ip: string
  port: number
  /** Why its container does not run. */
  waiting?: string
}

/** The pod of a probe, as the DaemonSets of deploy/kubernetes/node-probes.yaml make it. */
export const probePodOf = ({
  node,
  host = false,
  name = `probe-${host ? 'host' : 'pod'}-${node}`,
  ip,
  port,
  waiting,
}: ProbePodOptions) => ({
  metadata: { name, namespace: 'regguard-probes', labels: { 'app.kubernetes.io/name': 'regguard-probe' } },
  spec: {
    nodeName: node,
    ...(host ? { hostNetwork: true } : {}),
    containers: [{ name: 'probe', image: 'x', ports: [{ name: 'probe', containerPort: port }] }],
  },
  status: {
    phase: waiting === undefined ? 'Running' : 'Pending',
    podIP: ip,
    containerStatuses: [
      { name: 'probe', state: waiting === undefined ? { running: {} } : { waiting: { reason: waiting } } },
    ],
  },
})

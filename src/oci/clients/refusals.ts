/** Clients as people know them. Docker has two image stores, which pull differently; podman, CRI-O and skopeo share a library. */
const clients = {
  containerd: 'containerd',
  dockerContainerd: 'Docker with the containerd image store',
  dockerClassic: 'Docker with the classic image store',
  podman: 'podman',
} as const

interface Refusal {
  client: keyof typeof clients
  /** The error text of the client; `…` stands for what varies. */
  error: string
}

/** containerd itself, which Kubernetes nodes run, and Docker where it pulls by containerd: the default since Docker 29. */
const byContainerd = (error: string): Refusal[] => [
  { client: 'containerd', error },
  { client: 'dockerContainerd', error },
]
const byDocker = (error: string): Refusal => ({ client: 'dockerClassic', error })
const byPodman = (error: string): Refusal => ({ client: 'podman', error })

/**
 * The states that some clients refuse to pull, with their own error texts. Measured with containerd 1.6 and 2.3, Docker 20.10 and 29,
 * and podman 4.3, and read in their sources: containerd core/remotes/docker/resolver.go, moby daemon/internal/distribution,
 * containers/image manifest. docs/clients.md has the measurements.
 */
const refusals = {
  'head-refused': byContainerd('failed to resolve reference'),
  'digest-not-served': [
    ...byContainerd('content at … not found: not found'),
    byDocker('error parsing HTTP 404 response body'),
  ],
  'content-type-missing': [
    ...byContainerd('target.MediaType must be set: invalid argument'),
    byDocker('missing or empty Content-Type header'),
    byPodman('unsupported schema version 2'),
  ],
  'content-type-foreign': [
    ...byContainerd('unexpected media type … for …: not found'),
    byDocker('missing signature key'),
    byPodman('unsupported schema version 2'),
  ],
  'head-type': [
    ...byContainerd('target.MediaType must be set: invalid argument'),
    byDocker('missing or empty Content-Type header'),
  ],
  'head-digest': [...byContainerd('content at … not found: not found'), byDocker('manifest unknown')],
  'head-length': byContainerd('failed size validation'),
  'head-length-zero': byContainerd('unable to fetch descriptor (…) which reports content size of zero'),
  'head-length-missing': [byDocker('missing or empty Content-Length header')],
} satisfies Record<string, Refusal[]>
export type RefusalId = keyof typeof refusals

/** Which clients refuse a state, with their error texts, as one sentence. */
export function refusalsText(id: RefusalId): string {
  const byError = Map.groupBy<string, Refusal>(refusals[id], ({ error }) => error)
  const texts = [...byError].map(
    ([error, all]) => `${all.map(({ client }) => clients[client]).join(' and ')} with “${error}”`,
  )
  return `Pulls fail in ${texts.join(', in ')}.`
}

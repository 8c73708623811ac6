/** Clients as people know them. Docker has two image stores, which pull differently; podman, CRI-O and skopeo share a library. */
const clients = {
  containerd: 'containerd',
  dockerContainerd: 'Docker with the containerd image store',
  dockerClassic: 'Docker with the classic image store',
  docker20: 'Docker 20.10',
  docker29: 'Docker 29 with the classic image store',
  containerd16: 'containerd 1.6',
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
/** All of them: they share Go's readers of gzip and tar. */
const byAll = (error: string): Refusal[] => [...byContainerd(error), byDocker(error), byPodman(error)]
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
  'manifest-untyped': [
    byDocker('mediaType in manifest should be … not …'),
    byPodman('unsupported docker v2s2 media type: ""'),
  ],
  'mixed-docker-manifest': [byPodman('unsupported docker v2s2 media type: …')],
  'mixed-oci-manifest': [byPodman('unsupported image-specific operation on artifact with type …')],
  'config-generic': [
    { client: 'dockerContainerd', error: 'failed to extract layer' },
    byPodman('unsupported image-specific operation on artifact with type …'),
  ],
  'config-generic-docker': [{ client: 'dockerContainerd', error: 'failed to extract layer' }],
  'layer-generic': [
    { client: 'containerd', error: 'no processor for media-type' },
    { client: 'dockerContainerd', error: 'mismatched image rootfs and manifest layers' },
  ],
  'layer-foreign': [
    { client: 'containerd', error: 'no processor for media-type' },
    { client: 'dockerContainerd', error: 'mismatched image rootfs and manifest layers' },
    byDocker('unsupported media type …'),
  ],
  'layer-suffix': byContainerd('archive/tar: invalid tar header'),
  'layer-docker-zstd': [
    { client: 'containerd16', error: 'no processor for media-type' },
    byPodman('unsupported docker v2s2 media type: …'),
  ],
  'layer-encrypted': byContainerd('exec: "ctd-decoder": executable file not found'),
  'layer-empty': byContainerd('unable to fetch descriptor (…) which reports content size of zero'),
  'layer-trailing-bytes': byAll('gzip: invalid header'),
  'layer-archive-cut': byAll('unexpected EOF'),
  'layer-archive-escaping': [{ client: 'docker29', error: 'invalid entry name "…"' }],
  'layer-archive-invalid': byAll('archive/tar: invalid tar header'),
  'layer-compressed': byContainerd('archive/tar: invalid tar header'),
  'layer-compressed-short': byContainerd('unexpected EOF'),
  'layer-count': [
    ...byContainerd("number of layers and diffIDs don't match"),
    byDocker("layers from manifest don't match image configuration"),
  ],
  'rootfs-missing': [
    ...byContainerd("number of layers and diffIDs don't match"),
    byDocker('invalid rootfs in image configuration'),
  ],
  'rootfs-missing-without-layers': [byDocker('invalid rootfs in image configuration')],
  'layers-too-many': [byDocker('max depth exceeded')],
  'history-too-long': [byDocker('too many non-empty layers in History section')],
  'index-nested': [
    { client: 'docker20', error: 'unsupported manifest format' },
    byPodman('Unexpectedly received a manifest list instead of a manifest for a single image'),
  ],
  'index-without-platforms': [
    { client: 'docker20', error: 'no matching manifest for … in the manifest list entries' },
  ],
} satisfies Record<string, Refusal[]>
export type RefusalId = keyof typeof refusals

/** Which clients refuse a state, with their error texts, as one sentence. `pulls` says which pulls fail, if not all. */
export function refusalsText(id: RefusalId, pulls = 'Pulls'): string {
  const byError = Map.groupBy<string, Refusal>(refusals[id], ({ error }) => error)
  const texts = [...byError].map(
    ([error, all]) => `${all.map(({ client }) => clients[client]).join(' and ')} with “${error}”`,
  )
  return `${pulls} fail in ${texts.join(', in ')}.`
}

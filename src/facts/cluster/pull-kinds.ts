/**
 * Who has to act on a failed pull: the network path of the nodes, the registry's own refusal, what the registry stores of the image,
 * the node itself, or nobody knows from the message.
 */
export const pullClasses = ['path', 'registry', 'image', 'node', 'unknown'] as const
export type PullClass = (typeof pullClasses)[number]

/** Why a pull failed. The names of what a verification finds as well are those of its findings. */
export const pullKinds = {
  'name-not-resolved': { class: 'path', text: 'name not resolved' },
  'connection-timeout': { class: 'path', text: 'connection timed out' },
  'connection-refused': { class: 'path', text: 'connection refused' },
  'host-unreachable': { class: 'path', text: 'no route' },
  'connection-cut': { class: 'path', text: 'connection cut' },
  'answer-timeout': { class: 'path', text: 'no response in time' },
  'tls-timeout': { class: 'path', text: 'TLS handshake timed out' },
  'tls-untrusted': { class: 'path', text: 'certificate not trusted' },
  'tls-expired': { class: 'path', text: 'certificate expired' },
  'tls-name-mismatch': { class: 'path', text: 'certificate of another name' },
  'tls-plain-http': { class: 'path', text: 'plain HTTP on a TLS port' },
  'tls-failed': { class: 'path', text: 'TLS handshake failed' },
  'proxy-failed': { class: 'path', text: 'proxy failed' },
  'bad-credentials': { class: 'registry', text: 'login refused' },
  'access-denied': { class: 'registry', text: 'access denied' },
  'denied-or-missing': { class: 'registry', text: 'denied, or missing' },
  'rate-limited': { class: 'registry', text: 'rate limited' },
  'registry-unavailable': { class: 'registry', text: 'registry unavailable' },
  'registry-error': { class: 'registry', text: 'registry error' },
  'storage-forbidden': { class: 'registry', text: 'storage refuses' },
  'mirror-miss': { class: 'registry', text: 'mirror answers with an error' },
  'tag-missing': { class: 'image', text: 'tag not found' },
  'orphaned-index': { class: 'image', text: 'platform image gone' },
  'config-missing': { class: 'image', text: 'configuration gone' },
  'layer-missing': { class: 'image', text: 'layer gone' },
  'blob-empty': { class: 'image', text: 'layer arrives empty' },
  'blob-truncated': { class: 'image', text: 'layer arrives cut off' },
  'blob-corrupt': { class: 'image', text: 'layer has another digest' },
  'size-mismatch': { class: 'image', text: 'wrong size' },
  'platform-missing': { class: 'image', text: 'no image for this platform' },
  'unsupported-schema1': { class: 'image', text: 'schema 1 manifest' },
  'diff-id-mismatch': { class: 'image', text: 'layer unpacks to another digest' },
  'image-name-invalid': { class: 'image', text: 'invalid image name' },
  'pull-stalled': { class: 'node', text: 'pull cancelled' },
  'node-disk-full': { class: 'node', text: 'disk full' },
  'node-extract-failed': { class: 'node', text: 'layer not unpacked' },
  'node-runtime-down': { class: 'node', text: 'container runtime does not answer' },
  'node-layer-locked': { class: 'node', text: 'another pull holds the layer' },
  'node-pull-limit': { class: 'node', text: 'pull limit of the kubelet' },
  'image-never-pulled': { class: 'node', text: 'not there, and pullPolicy is Never' },
  'signature-refused': { class: 'node', text: 'signature policy' },
  unclassified: { class: 'unknown', text: 'unknown reason' },
} as const satisfies Record<string, { class: PullClass; text: string }>

export type PullKind = keyof typeof pullKinds
export const pullKindNames = Object.keys(pullKinds) as [PullKind, ...PullKind[]]

/** Which request of a pull failed. `mirror` is any request to a mirror, `source` one of Flux. */
export const pullLegs = [
  'resolve',
  'child',
  'config',
  'layer',
  'token',
  'storage',
  'mirror',
  'node',
  'unknown',
] as const
export type PullLeg = (typeof pullLegs)[number]

/** How far that request came. */
export const pullPhases = [
  'dns',
  'connect',
  'tls',
  'headers',
  'status',
  'body',
  'content',
  'node',
  'unknown',
] as const
export type PullPhase = (typeof pullPhases)[number]

import type { PullKind, PullLeg, PullPhase } from '../pull-kinds.ts'

/** One row of the table: a shape that messages have, and what it means. `leg` is named where the shape itself shows it. */
export interface MessageShape {
  shape: RegExp
  kind: PullKind
  phase: PullPhase
  leg?: PullLeg
}

/**
 * The shapes of pull errors, from kubelet with containerd 1.7 and 2.x and CRI-O, dockerd, and Flux. The first that matches decides:
 * faults of the node first, then of the connection (the innermost reason), then what a server answered. Sources: kubernetes v1.36.3
 * `pkg/kubelet/images`, containerd v1.7.29 and 2.x `core/remotes/docker`, cri-o f954a17, Go's net, net/http and crypto/tls.
 */
export const messageShapes: readonly MessageShape[] = [
  // The node itself: the registry was not asked, or had done its part.
  { shape: /pull QPS exceeded/, kind: 'node-pull-limit', phase: 'node', leg: 'node' },
  { shape: /\bref \S+ locked for .*: unavailable/, kind: 'node-layer-locked', phase: 'node', leg: 'node' },
  {
    shape: /no space left on device|disk quota exceeded/,
    kind: 'node-disk-full',
    phase: 'node',
    leg: 'node',
  },
  { shape: /wrong diff id/i, kind: 'diff-id-mismatch', phase: 'content', leg: 'layer' },
  {
    shape: /code = Unavailable|(?:containerd|crio|docker)\.sock/,
    kind: 'node-runtime-down',
    phase: 'node',
    leg: 'node',
  },
  {
    shape: /SignatureValidationFailed|signature validation failed|signature was required|rejected by policy/i,
    kind: 'signature-refused',
    phase: 'node',
    leg: 'node',
  },
  {
    shape: /ErrImageNeverPull|not present with pull policy of Never/,
    kind: 'image-never-pulled',
    phase: 'node',
    leg: 'node',
  },
  {
    shape: /InvalidImageName|couldn't parse image|invalid reference format/,
    kind: 'image-name-invalid',
    phase: 'unknown',
    leg: 'resolve',
  },

  // What arrived of a layer.
  {
    shape: /unexpected commit digest sha256:e3b0c44298fc1c14/,
    kind: 'blob-empty',
    phase: 'content',
    leg: 'layer',
  },
  {
    shape:
      /unexpected commit digest|filesystem layer verification failed for digest|does not match (?:the )?(?:expected )?digest/i,
    kind: 'blob-corrupt',
    phase: 'content',
    leg: 'layer',
  },
  {
    shape: /failed size validation|unexpected commit size/,
    kind: 'size-mismatch',
    phase: 'content',
    leg: 'layer',
  },
  { shape: /short read: expected \d+ bytes but got 0\b/, kind: 'blob-empty', phase: 'body', leg: 'layer' },
  {
    shape: /short read: expected \d+ bytes but got \d+/,
    kind: 'blob-truncated',
    phase: 'body',
    leg: 'layer',
  },

  // Names.
  {
    shape:
      /\blookup \S+(?: on \S+)?: (?:no such host|server misbehaving|no answer|Temporary failure in name resolution|device or resource busy)/,
    kind: 'name-not-resolved',
    phase: 'dns',
  },
  {
    shape: /\blookup \S+(?: on \S+)?: (?:read|write|dial) (?:udp|tcp)\b/,
    kind: 'name-not-resolved',
    phase: 'dns',
  },
  {
    shape: /\blookup \S+(?: on \S+)?: .*(?:i\/o timeout|operation was canceled|deadline exceeded)/,
    kind: 'name-not-resolved',
    phase: 'dns',
  },

  // Connections.
  {
    shape: /proxyconnect tcp|\bproxy CONNECT\b|Proxy Authentication Required/i,
    kind: 'proxy-failed',
    phase: 'connect',
  },
  { shape: /\bdial tcp\b.*: connect: connection refused/, kind: 'connection-refused', phase: 'connect' },
  {
    shape:
      /\bdial tcp\b.*: connect: (?:no route to host|network is unreachable|host is down|permission denied|invalid argument)/,
    kind: 'host-unreachable',
    phase: 'connect',
  },
  {
    shape:
      /\bdial tcp\b.*: (?:i\/o timeout|connect: (?:connection|operation) timed out|(?:context )?deadline exceeded)|request canceled while waiting for connection/,
    kind: 'connection-timeout',
    phase: 'connect',
  },

  // TLS.
  { shape: /TLS handshake timeout/, kind: 'tls-timeout', phase: 'tls' },
  { shape: /x509: certificate has expired or is not yet valid/, kind: 'tls-expired', phase: 'tls' },
  {
    shape:
      /x509: (?:certificate is (?:valid for|not valid for any names)|cannot validate certificate for|certificate relies on legacy)/,
    kind: 'tls-name-mismatch',
    phase: 'tls',
  },
  { shape: /x509: /, kind: 'tls-untrusted', phase: 'tls' },
  {
    shape: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/,
    kind: 'tls-plain-http',
    phase: 'tls',
  },
  { shape: /\b(?:remote error: )?tls: /, kind: 'tls-failed', phase: 'tls' },

  // A limit of requests may be on the second line of a message, and under any status line before it.
  {
    shape: /toomanyrequests|429 Too Many Requests|TOOMANYREQUESTS|unexpected status\b[^\n]*: 429\b/i,
    kind: 'rate-limited',
    phase: 'status',
  },

  // What a server refused.
  {
    shape:
      /insufficient_scope|pull access denied|may require (?:authorization|'docker login')|requested access to the resource is denied/,
    kind: 'denied-or-missing',
    phase: 'status',
  },
  {
    shape:
      /(?:fetch|request)\S* (?:oauth |anonymous )?token: unexpected status.*\b40[0-3]\b|unable to retrieve auth token|invalid username\/password|\b401 Unauthorized|authentication required|no basic auth credentials|(?:^|: )unauthorized(?:$|[:\n])/i,
    kind: 'bad-credentials',
    phase: 'status',
  },
  {
    shape: /\b403 Forbidden\b|(?:^|: )denied(?:$|[:\n])|\bDENIED\b|parsing HTTP 403 response body/,
    kind: 'access-denied',
    phase: 'status',
  },
  {
    shape: /\b50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)/i,
    kind: 'registry-unavailable',
    phase: 'status',
  },
  {
    shape: /\b5\d\d (?:Internal Server Error|[A-Z][a-z]+)|received unexpected HTTP status: 5\d\d/,
    kind: 'registry-error',
    phase: 'status',
  },

  // What the registry does not have.
  {
    shape:
      /no match for platform in manifest|no matching manifest for|no image found in (?:image index|manifest list)|does not match the specified platform/,
    kind: 'platform-missing',
    phase: 'content',
    leg: 'resolve',
  },
  {
    shape:
      /no longer supported since containerd v2|schema ?1 (?:manifest|image)s? (?:is|are|has been|no longer)|Docker Image Format v1.*(?:removed|deprecated)/i,
    kind: 'unsupported-schema1',
    phase: 'content',
    leg: 'resolve',
  },
  {
    shape:
      /could not fetch content descriptor sha256:\w+ \(application\/vnd\.[\w.+-]*(?:manifest|index|list)[\w.+-]*\)[^:]*: not found/,
    kind: 'orphaned-index',
    phase: 'status',
    leg: 'child',
  },
  {
    shape:
      /could not fetch content descriptor sha256:\w+ \(application\/vnd\.[\w.+-]*(?:config|container\.image)[\w.+-]*json\)[^:]*: not found/,
    kind: 'config-missing',
    phase: 'status',
    leg: 'config',
  },
  {
    shape:
      /could not fetch content descriptor sha256:\w+ .*: not found|blobs?\/\S*sha256:\w+"?: not found|content at \S+\/blobs\/\S+ not found/,
    kind: 'layer-missing',
    phase: 'status',
    leg: 'layer',
  },
  {
    shape: /content at \S+\/manifests\/sha256:\S+ not found/,
    kind: 'orphaned-index',
    phase: 'status',
    leg: 'child',
  },
  {
    shape: /(?:parsing|error pulling) image configuration: .*(?:blob unknown|unknown blob)/,
    kind: 'config-missing',
    phase: 'status',
    leg: 'config',
  },
  {
    shape: /BLOB_UNKNOWN|blob unknown|unknown blob/,
    kind: 'layer-missing',
    phase: 'status',
    leg: 'layer',
  },
  {
    shape:
      /reading manifest sha256:\S+ in \S+: manifest unknown|unable to (?:get|read) manifest .*sha256:.*unknown/,
    kind: 'orphaned-index',
    phase: 'status',
    leg: 'child',
  },
  {
    shape:
      /manifest unknown|MANIFEST_UNKNOWN|NAME_UNKNOWN|failed to resolve (?:reference|image)\b.*: not found|manifest for \S+ not found|repository name not known/,
    kind: 'tag-missing',
    phase: 'status',
    leg: 'resolve',
  },
  { shape: /\b404 Not Found|: not found$/, kind: 'tag-missing', phase: 'status' },

  // A connection that ended; last, because the texts are part of others.
  {
    shape: /failed to extract layer|error unpacking|failed to unpack|ApplyLayer/,
    kind: 'node-extract-failed',
    phase: 'node',
    leg: 'node',
  },
  {
    shape:
      /connection reset by peer|broken pipe|unexpected EOF|expected HTTP 206 from byte range request|stream error|http2: .*(?:GOAWAY|closed)/i,
    kind: 'connection-cut',
    phase: 'body',
  },
  { shape: /(?:Get|Head|Post) "[^"]+": EOF|: EOF$/, kind: 'connection-cut', phase: 'headers' },
  {
    shape:
      /Client\.Timeout (?:or context cancellation )?(?:exceeded )?while awaiting headers|timeout awaiting response headers/i,
    kind: 'answer-timeout',
    phase: 'headers',
  },
  { shape: /code = Canceled|context canceled/, kind: 'pull-stalled', phase: 'body' },
  { shape: /deadline exceeded|Client\.Timeout|i\/o timeout/i, kind: 'answer-timeout', phase: 'headers' },
]

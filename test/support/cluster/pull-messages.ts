import type { PullError } from '../../../src/facts/cluster/messages/parse.ts'

/** A message as a cluster has it, and what it means. */
export interface PullSample {
  /** Who wrote it. */
  by: 'kubelet, containerd 1.7' | 'kubelet, containerd 2' | 'kubelet, CRI-O' | 'kubelet' | 'dockerd' | 'Flux'
  message: string
  expected: Partial<PullError> & { image?: string }
}

const app = 'registry.example.com/team/app:1.2'
const pulled = (error: string, image = app) => `Failed to pull image "${image}": ${error}`
const resolving = (error: string, image = app) =>
  pulled(
    `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${error}`,
    image,
  )
const head = (tail: string, host = 'registry.example.com') =>
  `failed to do request: Head "https://${host}/v2/team/app/manifests/1.2": ${tail}`
const digest = 'sha256:b8f36508b8f36508b8f36508b8f36508b8f36508b8f36508b8f36508b8f36508'
const descriptor = (mediaType: string, why: string) =>
  pulled(
    `failed to pull and unpack image "${app}": failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${digest} (${mediaType}) from remote: ${why}`,
  )

/** The shapes are those of the sources and of public reports of kubelet 1.28 to 1.36; hosts, addresses and digests are made up. */
export const pullSamples: PullSample[] = [
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(head('dial tcp 203.0.113.7:443: i/o timeout')),
    expected: {
      ...{ kind: 'connection-timeout', leg: 'resolve', phase: 'connect', host: 'registry.example.com' },
      ...{ address: '203.0.113.7', port: 443, image: app },
    },
  },
  {
    by: 'kubelet',
    message: `Back-off pulling image "${app}": ErrImagePull: failed to pull and unpack image "${app}": failed to resolve reference "${app}": ${head('dial tcp 203.0.113.7:443: i/o timeout')}`,
    expected: {
      kind: 'connection-timeout',
      leg: 'resolve',
      phase: 'connect',
      address: '203.0.113.7',
      image: app,
    },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: `(combined from similar events): ${pulled(`rpc error: code = Unknown desc = failed to pull and unpack image "${app}": failed to resolve reference "${app}": ${head('dial tcp [2001:db8::7]:443: connect: network is unreachable')}`)}`,
    expected: { kind: 'host-unreachable', phase: 'connect', address: '2001:db8::7', port: 443, image: app },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('dial tcp: lookup registry.example.com on 10.0.0.53:53: no such host')),
    expected: { kind: 'name-not-resolved', leg: 'resolve', phase: 'dns', resolver: '10.0.0.53' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('dial tcp: lookup registry.example.com on 127.0.0.53:53: server misbehaving')),
    expected: { kind: 'name-not-resolved', phase: 'dns', resolver: '127.0.0.53' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      head(
        'dial tcp: lookup registry.example.com on 8.8.8.8:53: read udp 10.0.1.5:43210->8.8.8.8:53: i/o timeout',
      ),
    ),
    expected: { kind: 'name-not-resolved', phase: 'dns', resolver: '8.8.8.8', host: 'registry.example.com' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(head('dial tcp: lookup registry.example.com: Temporary failure in name resolution')),
    expected: { kind: 'name-not-resolved', phase: 'dns' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(head('dial tcp: lookup registry.example.com: device or resource busy')),
    expected: { kind: 'name-not-resolved', phase: 'dns' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('dial tcp 10.0.0.5:443: connect: connection refused')),
    expected: { kind: 'connection-refused', phase: 'connect', address: '10.0.0.5' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('dial tcp 10.0.0.5:443: connect: no route to host')),
    expected: { kind: 'host-unreachable', phase: 'connect', address: '10.0.0.5' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('net/http: TLS handshake timeout')),
    expected: { kind: 'tls-timeout', leg: 'resolve', phase: 'tls', host: 'registry.example.com' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      head('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    ),
    expected: { kind: 'tls-untrusted', phase: 'tls' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(
      head('x509: certificate is valid for ingress.local, TRAEFIK DEFAULT CERT, not registry.example.com'),
    ),
    expected: { kind: 'tls-name-mismatch', phase: 'tls' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      head(
        'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-29T08:00:00Z is after 2026-11-28T23:59:59Z',
      ),
    ),
    expected: { kind: 'tls-expired', phase: 'tls' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('http: server gave HTTP response to HTTPS client')),
    expected: { kind: 'tls-plain-http', phase: 'tls' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('remote error: tls: handshake failure')),
    expected: { kind: 'tls-failed', phase: 'tls' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(head('EOF')),
    expected: { kind: 'connection-cut', phase: 'headers', leg: 'resolve' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(head('net/http: request canceled (Client.Timeout exceeded while awaiting headers)')),
    expected: { kind: 'answer-timeout', phase: 'headers' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('context deadline exceeded')),
    expected: { kind: 'answer-timeout', phase: 'headers' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      'failed to authorize: failed to fetch anonymous token: Get "https://auth.example.com/token?scope=repository%3Ateam%2Fapp%3Apull&service=registry": dial tcp 203.0.113.9:443: i/o timeout',
    ),
    expected: {
      ...{ kind: 'connection-timeout', leg: 'token', phase: 'connect', host: 'auth.example.com' },
      address: '203.0.113.9',
    },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(
      'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://auth.example.com/token?account=ci&service=registry: 401 Unauthorized',
    ),
    expected: {
      kind: 'bad-credentials',
      leg: 'token',
      phase: 'status',
      status: 401,
      host: 'auth.example.com',
    },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
    expected: { kind: 'denied-or-missing', leg: 'resolve', phase: 'status', host: 'registry.example.com' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      'unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.2: 503 Service Unavailable',
    ),
    expected: { kind: 'registry-unavailable', leg: 'resolve', phase: 'status', status: 503 },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(
      'unexpected status code https://registry.example.com/v2/team/app/manifests/1.2: 500 Internal Server Error - Server message: unknown: unknown error',
    ),
    expected: { kind: 'registry-error', phase: 'status', status: 500 },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      'unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.2: 403 Forbidden',
    ),
    expected: { kind: 'access-denied', phase: 'status', status: 403, leg: 'resolve' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(
      'unexpected status from HEAD request to https://10.0.0.5/v2/team/app/manifests/1.2?ns=registry.example.com: 404 Not Found',
    ),
    expected: { kind: 'mirror-miss', leg: 'mirror', phase: 'status', status: 404, host: '10.0.0.5' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      'failed to pull and unpack image "docker.io/library/redis:7": failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry-1.docker.io/v2/library/redis/manifests/sha256:aaaa: 429 Too Many Requests\ntoomanyrequests: You have reached your unauthenticated pull rate limit.',
      'redis:7',
    ),
    expected: {
      kind: 'rate-limited',
      phase: 'status',
      status: 429,
      host: 'registry-1.docker.io',
      image: 'redis:7',
    },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `rpc error: code = NotFound desc = failed to pull and unpack image "${app}": failed to resolve reference "${app}": ${app}: not found`,
    ),
    expected: { kind: 'tag-missing', leg: 'resolve', phase: 'status', host: 'registry.example.com' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: descriptor('application/vnd.oci.image.manifest.v1+json', 'not found'),
    expected: { kind: 'orphaned-index', leg: 'child', phase: 'status', host: 'registry.example.com' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: descriptor('application/vnd.docker.distribution.manifest.v2+json', 'not found'),
    expected: { kind: 'orphaned-index', leg: 'child' },
  },
  {
    by: 'kubelet, containerd 2',
    message: descriptor('application/vnd.oci.image.config.v1+json', 'not found'),
    expected: { kind: 'config-missing', leg: 'config', phase: 'status' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: descriptor('application/vnd.docker.container.image.v1+json', 'not found'),
    expected: { kind: 'config-missing', leg: 'config' },
  },
  {
    by: 'kubelet, containerd 2',
    message: descriptor('application/vnd.oci.image.layer.v1.tar+gzip', 'not found'),
    expected: { kind: 'layer-missing', leg: 'layer', phase: 'status' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": content at https://registry.example.com/v2/team/app/manifests/${digest} not found: not found`,
    ),
    expected: { kind: 'orphaned-index', leg: 'child', phase: 'status' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://bucket.s3.example.net/docker/registry/v2/blobs/sha256/ab/abcd/data?X-Amz-Signature=0123456789abcdef&X-Amz-Expires=1200": net/http: TLS handshake timeout`,
    ),
    expected: { kind: 'tls-timeout', leg: 'storage', phase: 'tls', host: 'bucket.s3.example.net' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to copy: httpReaderSeeker: failed open: unexpected status code https://bucket.s3.example.net/data?X-Amz-Signature=0123456789abcdef: 403 Forbidden`,
    ),
    expected: { kind: 'storage-forbidden', leg: 'storage', phase: 'status', status: 403 },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to copy: read tcp 10.0.1.5:53422->203.0.113.7:443: read: connection reset by peer`,
    ),
    expected: { kind: 'connection-cut', phase: 'body', address: '203.0.113.7', port: 443 },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": short read: expected 31457280 bytes but got 0: unexpected EOF`,
    ),
    expected: { kind: 'blob-empty', leg: 'layer', phase: 'body' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": short read: expected 31457280 bytes but got 1048576: unexpected EOF`,
    ),
    expected: { kind: 'blob-truncated', leg: 'layer', phase: 'body' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: pulled(
      `failed to pull and unpack image "${app}": failed commit on ref "layer-${digest}": unexpected commit digest sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, expected ${digest}: failed precondition`,
    ),
    expected: { kind: 'blob-empty', leg: 'layer', phase: 'content' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `rpc error: code = FailedPrecondition desc = failed to pull and unpack image "${app}": failed commit on ref "layer-${digest}": unexpected commit digest sha256:1111, expected ${digest}: failed precondition`,
    ),
    expected: { kind: 'blob-corrupt', leg: 'layer', phase: 'content' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": failed commit on ref "layer-${digest}": "layer-${digest}" failed size validation: 1048576 != 31457280: failed precondition`,
    ),
    expected: { kind: 'size-mismatch', leg: 'layer', phase: 'content' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `rpc error: code = NotFound desc = failed to pull and unpack image "${app}": no match for platform in manifest: not found`,
    ),
    expected: { kind: 'platform-missing', leg: 'resolve', phase: 'content' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1, please rebuild the image as "application/vnd.docker.distribution.manifest.v2+json"`,
    ),
    expected: { kind: 'unsupported-schema1', leg: 'resolve' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `rpc error: code = Canceled desc = failed to pull and unpack image "${app}": context canceled`,
    ),
    expected: { kind: 'pull-stalled' },
  },
  {
    by: 'kubelet',
    message: pulled('pull QPS exceeded'),
    expected: { kind: 'node-pull-limit', leg: 'node', phase: 'node' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to copy: ref layer-${digest} locked for 2m13.4s (since 2026-11-29 08:00:00): unavailable`,
    ),
    expected: { kind: 'node-layer-locked', leg: 'node' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to extract layer ${digest}: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/a: no space left on device`,
    ),
    expected: { kind: 'node-disk-full', leg: 'node', phase: 'node' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to extract layer ${digest}: mount callback failed on /tmp/x: archive/tar: invalid tar header: unknown`,
    ),
    expected: { kind: 'node-extract-failed', leg: 'node' },
  },
  {
    by: 'kubelet, containerd 2',
    message: pulled(
      `failed to pull and unpack image "${app}": failed to extract layer (application/vnd.oci.image.layer.v1.tar+gzip ${digest}) to overlayfs: wrong diff id ${digest} calculated on extraction "sha256:2222"`,
    ),
    expected: { kind: 'diff-id-mismatch', leg: 'layer', phase: 'content' },
  },
  {
    by: 'kubelet',
    message: pulled(
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    ),
    expected: { kind: 'node-runtime-down', leg: 'node', phase: 'node' },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled(
      'unable to pull image or OCI artifact: pull image err: initializing source docker://registry.example.com/team/app:1.2: pinging container registry registry.example.com: Get "https://registry.example.com/v2/": dial tcp 203.0.113.7:443: i/o timeout; artifact err: provided artifact is a container image',
    ),
    expected: { kind: 'connection-timeout', leg: 'resolve', phase: 'connect', address: '203.0.113.7' },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled(
      'initializing source docker://registry.example.com/team/app:1.2: reading manifest 1.2 in registry.example.com/team/app: manifest unknown',
    ),
    expected: { kind: 'tag-missing', leg: 'resolve', phase: 'status', host: 'registry.example.com' },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled(
      `choosing image instance: reading manifest ${digest} in registry.example.com/team/app: manifest unknown`,
    ),
    expected: { kind: 'orphaned-index', leg: 'child' },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled('parsing image configuration: fetching blob: blob unknown to registry'),
    expected: { kind: 'config-missing', leg: 'config' },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled(
      'writing blob: storing blob to file "/var/tmp/container_images_storage1/2": happened during read: unexpected EOF',
    ),
    expected: { kind: 'connection-cut', phase: 'body' },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled(
      '(Mirrors also failed: [10.0.0.5/team/app:1.2: reading manifest 1.2 in 10.0.0.5/team/app: manifest unknown]): registry.example.com/team/app:1.2: pinging container registry registry.example.com: Get "https://registry.example.com/v2/": dial tcp 203.0.113.7:443: i/o timeout',
    ),
    expected: { kind: 'connection-timeout', host: 'registry.example.com', address: '203.0.113.7' },
  },
  {
    by: 'dockerd',
    message:
      'Error response from daemon: Get "https://registry.example.com/v2/": net/http: TLS handshake timeout',
    expected: { kind: 'tls-timeout', phase: 'tls', host: 'registry.example.com' },
  },
  {
    by: 'dockerd',
    message: `Error response from daemon: manifest for ${app} not found: manifest unknown: manifest unknown`,
    expected: { kind: 'tag-missing', leg: 'resolve' },
  },
  {
    by: 'dockerd',
    message: `filesystem layer verification failed for digest ${digest}`,
    expected: { kind: 'blob-corrupt', leg: 'layer', phase: 'content' },
  },
  {
    by: 'Flux',
    message:
      "failed to pull artifact from 'oci://ghcr.io/team/manifests': GET https://ghcr.io/token?scope=repository%3Ateam%2Fmanifests%3Apull&service=ghcr.io: DENIED: requested access to the resource is denied",
    expected: { kind: 'denied-or-missing', leg: 'token', host: 'ghcr.io', image: 'ghcr.io/team/manifests' },
  },
  {
    by: 'Flux',
    message:
      'failed to determine artifact digest: Get "https://ghcr.io/v2/": dial tcp: lookup ghcr.io on 10.96.0.10:53: no such host',
    expected: { kind: 'name-not-resolved', phase: 'dns', host: 'ghcr.io', resolver: '10.96.0.10' },
  },
  {
    by: 'kubelet, CRI-O',
    message: `SignatureValidationFailed: ${pulled('Source image rejected: A signature was required, but no signature exists')}`,
    expected: { kind: 'signature-refused', leg: 'node' },
  },
  {
    by: 'kubelet',
    message:
      'Failed to apply default image tag "Registry.example.com/App:1": couldn\'t parse image name "Registry.example.com/App:1": invalid reference format: repository name must be lowercase',
    expected: { kind: 'image-name-invalid' },
  },
  {
    by: 'kubelet, containerd 2',
    message: resolving(head('dial tcp: lookup registry.example.com on 10.0.0.53:53: i/o timeout')),
    expected: { kind: 'name-not-resolved', phase: 'dns', resolver: '10.0.0.53' },
  },
  {
    by: 'kubelet, containerd 1.7',
    message: resolving(head('proxyconnect tcp: dial tcp 10.0.0.8:3128: connect: connection refused')),
    expected: { kind: 'proxy-failed', phase: 'connect', address: '10.0.0.8', port: 3128 },
  },
  {
    by: 'kubelet, CRI-O',
    message: pulled(`reading blob ${digest}: fetching blob: blob unknown to registry`),
    expected: { kind: 'layer-missing', leg: 'layer', phase: 'status' },
  },
  {
    by: 'kubelet',
    message: `Container image "${app}" is not present with pull policy of Never`,
    expected: { kind: 'image-never-pulled', leg: 'node' },
  },
  {
    by: 'kubelet',
    message: pulled('the flux capacitor is out of jigawatts'),
    expected: { kind: 'unclassified', leg: 'unknown', phase: 'unknown', image: app },
  },
]

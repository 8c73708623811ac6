import type { FailureKind } from '../../src/core/failure.ts'
import type { LegFact } from '../../src/facts/path/leg.ts'
import type { MirrorEndpoint, MirrorPull, MirrorsFact, WalkedLeg } from '../../src/facts/path/mirrors.ts'
import type { Change } from './facts.ts'

export const hostsToml = '/etc/containerd/certs.d/registry.example.com/hosts.toml'
export const image = 'registry.example.com/team/app:1.2'

/** What came of a walked leg: a status, or a kind of failure with its detail. */
export type Outcome = number | [kind: FailureKind, detail: string]

/** A leg of a pull to this URL at this address. */
export function walkedLeg(
  url: string,
  address: string,
  outcome: Outcome,
  more: Partial<LegFact> = {},
): WalkedLeg {
  const { host, hostname, origin, pathname, protocol } = new URL(url)
  const isName = /[a-z]/.test(hostname)
  const failure =
    typeof outcome === 'number'
      ? undefined
      : { kind: outcome[0], host, phase: 'connect' as const, detail: outcome[1], evidence: [] }
  const status = typeof outcome === 'number' ? { status: outcome } : {}
  return {
    ...{ object: 'manifests/1.2', ...status, ...(failure ? { failure } : {}) },
    leg: {
      ...{ step: 'mirror', of: hostsToml, url: `${origin}${pathname}`, host, hostHeader: host },
      ...(protocol === 'https:' && isName ? { servername: hostname } : {}),
      source: isName ? 'DNS' : 'address',
      lookups: isName ? [{ at: 0, ms: 1 }] : [],
      addresses: [{ address, attempts: [{ at: 0, phases: {}, ...status, ...(failure ? { failure } : {}) }] }],
      ...more,
    },
  }
}

/** An endpoint of this URL, named by hosts.toml, with these legs. */
export function mirrorEndpoint(
  url: string,
  legs: WalkedLeg[],
  role: MirrorEndpoint['role'] = 'mirror',
): MirrorEndpoint {
  const { host, hostname, origin } = new URL(url)
  return {
    ...{ role, url: `${origin}/v2`, host, legs, bareAddress: !/[a-z]/.test(hostname) },
    ...(role === 'mirror' ? { file: hostsToml, key: `host."${origin}"` } : {}),
  }
}

export const manifestUrl = (origin: string): string => `${origin}/v2/team/app/manifests/1.2`

/** A mirror that has the image, at an internal address. */
export const workingMirror = (): MirrorEndpoint =>
  mirrorEndpoint('https://mirror.example.com', [
    walkedLeg(manifestUrl('https://mirror.example.com'), '10.0.0.5', 200),
  ])

/** The registry itself, with this outcome. */
export const registryEndpoint = (outcome: Outcome = 401): MirrorEndpoint =>
  mirrorEndpoint(
    'https://registry.example.com',
    [walkedLeg(manifestUrl('https://registry.example.com'), '203.0.113.10', outcome)],
    'registry',
  )

export const timedOut: Outcome = ['connection-timeout', 'no connection within 5 s']

/** A pull through these endpoints. */
export const pullOf = (endpoints: MirrorEndpoint[], more: Partial<MirrorPull> = {}): MirrorPull => ({
  ...{ runtime: 'containerd 2.x', registry: 'registry.example.com', reference: image },
  ...{ endpoints, ok: true, masked: [], ...more },
})

/** Facts with these mirrors. */
export const withMirrors =
  (mirrors: Partial<MirrorsFact>): Change =>
  (facts) => {
    facts.path.mirrors = { configs: [], problems: [], ignored: [], pulls: [], ...mirrors }
  }

/** Facts with a pull by both versions of containerd, which differ in nothing. */
export const withPull = (endpoints: MirrorEndpoint[], more: Partial<MirrorPull> = {}): Change =>
  withMirrors({
    pulls: ['containerd 2.x', 'containerd 1.x'].map((runtime) => pullOf(endpoints, { ...more, runtime })),
  })

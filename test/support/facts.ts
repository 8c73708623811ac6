import { createHash } from 'node:crypto'
import type { Check } from '../../src/checks/define.ts'
import type { FailureKind, Phase } from '../../src/core/failure.ts'
import type { Fault, Severity } from '../../src/core/finding.ts'
import type { Observed } from '../../src/core/observed.ts'
import type { Proof } from '../../src/core/proof.ts'
import type { Facts } from '../../src/facts/facts.ts'
import type {
  BlobFact,
  ManifestFact,
  ManifestState,
  Refusal,
  RepositoryFact,
  Role,
  TargetFact,
} from '../../src/facts/image.ts'
import type { HostFact } from '../../src/facts/path.ts'
import type { Quirk } from '../../src/facts/registry.ts'
import type { ImageConfig } from '../../src/oci/config.ts'
import type { Descriptor, ManifestDocument } from '../../src/oci/manifest.ts'
import { ociConfig, ociIndex, ociManifest } from '../../src/oci/media-types.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { SettingName, Settings } from '../../src/settings/schema.ts'

export const registry = 'registry.example.com'
export const repository = `${registry}/team/app`
export const tagged = `${repository}:1.2`
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

type Architecture = 'amd64' | 'arm64'
type Index = Extract<ManifestDocument, { kind: 'index' }>
type Image = Extract<ManifestDocument, { kind: 'image' }>

/** The names of the objects in healthy facts; the digest of each is computed from its name. */
export type ManifestName = 'index' | Architecture | `${Architecture} attestation`
export type BlobName =
  | 'base layer'
  | `${Architecture} ${'layer' | 'config' | 'provenance' | 'attestation config'}`

/** A digest computed from a name. */
export const digestOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`

/** The digest of a layer's unpacked content. */
export const diffIdOf = (name: string): string => digestOf(`${name}, unpacked`)

const manifestSize = 1200
const day = 86_400_000
const sizes: Record<string, number> = { 'base layer': 30 * 1024 * 1024, 'amd64 layer': 2048 }

export const descriptorOf = (
  name: string,
  mediaType = ociManifest,
  size = sizes[name] ?? manifestSize,
): Descriptor => ({ mediaType, digest: digestOf(name), size })

export const indexOf = (...children: Descriptor[]): Index => ({
  kind: 'index',
  mediaType: ociIndex,
  children,
})

export const imageOf = (config: string, ...layers: string[]): Image => ({
  kind: 'image',
  mediaType: ociManifest,
  artifactType: '',
  config: descriptorOf(config, ociConfig),
  layers: layers.map((name) => descriptorOf(name, layerType)),
})

/** An index entry with its platform. */
export const childOf = (name: string, architecture: string, variant?: string): Descriptor => ({
  ...descriptorOf(name),
  platform: { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) },
})

/** The index entry of an image's attestation, as BuildKit writes it. */
export const attestationOf = (name: string): Descriptor => ({
  ...descriptorOf(`${name} attestation`),
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': digestOf(name),
  },
})

/** A repository with these manifests, all read, the first of them tagged, and with their blobs, all proven. */
export function repositoryOf(documents: [digest: string, document: ManifestDocument][]): RepositoryFact {
  const manifests = documents.map(([digest, document], at) => manifestFact(digest, document, at === 0))
  for (const [parent, document] of documents) {
    if (document.kind !== 'index') continue
    for (const [at, descriptor] of document.children.entries()) {
      const child = manifests.find(({ digest }) => digest === descriptor.digest)
      if (!child) continue
      child.uses.push(useOf(parent, `manifests[${at}]`, descriptor))
      if (child !== manifests[0]) child.descriptor ??= descriptor
      if (descriptor.annotations) child.role = 'attestation'
    }
  }
  return { name: repository, registry, manifests, blobs: blobsOf(manifests) }
}

const manifestFact = (digest: string, document: ManifestDocument, isRoot = false): ManifestFact => ({
  digest,
  role: 'image',
  uses: isRoot ? [{ parent: '', field: tagged }] : [],
  observed: read(document),
})

const useOf = (parent: string, field: string, { size: sizeBytes, mediaType }: Descriptor) => ({
  parent,
  field,
  sizeBytes,
  mediaType,
})

function blobsOf(manifests: ManifestFact[]): BlobFact[] {
  const found = new Map<string, BlobFact>()
  for (const { digest: parent, role, observed } of manifests) {
    const document = observed.seen && observed.value.state === 'read' ? observed.value.document : undefined
    if (document?.kind !== 'image') continue
    const { config, layers } = document
    const named = [config, ...layers].map((descriptor, at) => ({
      descriptor,
      use: useOf(parent, at === 0 ? 'config' : `layers[${at - 1}]`, descriptor),
    }))
    for (const { descriptor, use } of named) {
      const known = found.get(descriptor.digest)
      if (known) known.uses.push(use)
      else found.set(descriptor.digest, blobFact(descriptor, role, use))
    }
  }
  return [...found.values()]
}

const blobFact = (descriptor: Descriptor, role: Role, use: BlobFact['uses'][number]): BlobFact => ({
  digest: descriptor.digest,
  role,
  uses: [use],
  descriptor,
  observed: use.field === 'config' ? proven('whole', descriptor.size) : proven('last-byte'),
})

/** An index of two platforms with attestations; every object observed, and proven as `probe` does. */
export function healthyFacts(): Facts {
  const fact = repositoryOf([
    [
      digestOf('index'),
      indexOf(
        childOf('amd64', 'amd64'),
        childOf('arm64', 'arm64', 'v8'),
        attestationOf('amd64'),
        attestationOf('arm64'),
      ),
    ],
    [digestOf('amd64'), imageOf('amd64 config', 'base layer', 'amd64 layer')],
    [digestOf('arm64'), imageOf('arm64 config', 'base layer', 'arm64 layer')],
    [digestOf('amd64 attestation'), imageOf('amd64 attestation config', 'amd64 provenance')],
    [digestOf('arm64 attestation'), imageOf('arm64 attestation config', 'arm64 provenance')],
  ])
  const at = Date.UTC(2026, 2, 1)
  const facts: Facts = {
    image: { depth: 'probe', extent: 'whole', targets: [healthyTarget()], repositories: [fact] },
    registry: { quirks: [] },
    path: { hosts: [healthyHost(at)], requests: 15, bytes: 20_000, log: [], at },
  }
  for (const architecture of ['amd64', 'arm64'] as const) {
    configure(facts, `${architecture} config`, 'linux', architecture, ['base layer', `${architecture} layer`])
    const provenance = `${architecture} provenance`
    configure(facts, `${architecture} attestation config`, 'unknown', 'unknown', [provenance])
  }
  return facts
}

const healthyTarget = (): TargetFact => ({
  target: { reference: { registry, apiHost: registry, repository: 'team/app', tag: '1.2' } },
  first: seen({ state: 'found', digest: digestOf('index'), sizeBytes: manifestSize }),
  last: seen({ state: 'found', digest: digestOf('index'), sizeBytes: 0 }),
})

const healthyHost = (at: number): HostFact => ({
  host: registry,
  roles: ['registry', 'storage'],
  addresses: ['192.0.2.10'],
  source: 'DNS',
  protocol: 'https',
  http2: true,
  tls: { subject: registry, issuer: 'Example CA', validTo: at + 60 * day, verified: true },
  requests: 15,
  retries: [],
})

function configure(facts: Facts, name: BlobName, os: string, architecture: string, layers: string[]): void {
  blobIn(facts, name).config = {
    ok: true,
    value: { platform: { os, architecture, variant: '', osVersion: '' }, diffIds: layers.map(diffIdOf) },
  }
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`the facts hold no ${what}`)
  return found
}

export const repositoryIn = ({ image }: Facts): RepositoryFact => known(image.repositories[0], 'repository')
export const targetIn = ({ image }: Facts): TargetFact => known(image.targets[0], 'target')
export const hostIn = ({ path }: Facts): HostFact => known(path.hosts[0], 'host')

export const manifestIn = (facts: Facts, name: ManifestName): ManifestFact =>
  known(
    repositoryIn(facts).manifests.find(({ digest }) => digest === digestOf(name)),
    `manifest ${name}`,
  )

export const blobIn = (facts: Facts, name: BlobName): BlobFact =>
  known(
    repositoryIn(facts).blobs.find(({ digest }) => digest === digestOf(name)),
    `blob ${name}`,
  )

/** The parsed configuration of an image, which states everything unless a test removed it. */
export function configIn(facts: Facts, name: BlobName): Required<ImageConfig> {
  const { config } = blobIn(facts, name)
  return known(config?.ok ? config.value : undefined, `valid ${name}`) as Required<ImageConfig>
}

function documentIn(facts: Facts, name: ManifestName): ManifestDocument {
  const { observed } = manifestIn(facts, name)
  return known(
    observed.seen && observed.value.state === 'read' ? observed.value.document : undefined,
    `read ${name}`,
  )
}

export function indexIn(facts: Facts, name: ManifestName = 'index'): Index {
  const document = documentIn(facts, name)
  return known(document.kind === 'index' ? document : undefined, `index ${name}`)
}

export function imageIn(facts: Facts, name: ManifestName): Image {
  const document = documentIn(facts, name)
  return known(document.kind === 'image' ? document : undefined, `image ${name}`)
}

type Seen<T> = Extract<Observed<T>, { seen: true }>
type Observation<S extends string, More> = Seen<{ state: S } & More>

/** A seen observation. */
export const seen = <T>(value: T): Seen<T> => ({ seen: true, value })

export const refused: Refusal = { status: 404, code: 'UNKNOWN', message: 'it is unknown' }

/** A 404 for a manifest or a blob; `elsewhere` names repositories that do serve it. */
export const absent = (
  ...elsewhere: string[]
): Observation<'absent', { refusal: Refusal; elsewhere: string[] }> =>
  seen({ state: 'absent', refusal: refused, elsewhere })

/** A 404 without an error code. */
export const absentWithoutCode = (): ReturnType<typeof absent> =>
  seen({ state: 'absent', refusal: { ...refused, code: '' }, elsewhere: [] })

export const read = (document: ManifestDocument, contentType = document.mediaType): Seen<ManifestState> =>
  seen({ state: 'read', sizeBytes: manifestSize, contentType, headerDigest: '', document })

export const proven = (
  proof: Proof,
  bytesRead = 1,
): Observation<'proven', { proof: Proof; bytesRead: number }> => seen({ state: 'proven', proof, bytesRead })

/** A download that ended after this many bytes, twice. */
export const cut = (receivedBytes: number, atLeast = false) =>
  seen({ state: 'cut' as const, announcedBytes: 2048, receivedBytes, atLeast })

/** A blob whose stored length differs. */
export const length = (storedBytes: number, intact: boolean | undefined) =>
  seen({ state: 'length' as const, storedBytes, intact })

/** A manifest or a blob whose content does not match its digest. */
export const altered = (headerDigest = '') =>
  seen({ state: 'altered' as const, actual: digestOf('tampered'), sizeBytes: manifestSize, headerDigest })

export const oversized = () => seen({ state: 'oversized' as const, limitBytes: 8 * 1024 * 1024 })

export const malformed = (problem: string, contentType = ociManifest) =>
  seen({ state: 'malformed' as const, sizeBytes: 17, contentType, problem })

const phases: Record<FailureKind, Phase> = {
  'name-not-resolved': 'dns',
  'connection-refused': 'connect',
  'connection-timeout': 'connect',
  'host-unreachable': 'connect',
  'connection-cut': 'body',
  'answer-timeout': 'headers',
  'tls-untrusted': 'tls',
  'tls-expired': 'tls',
  'tls-name-mismatch': 'tls',
  'tls-plain-http': 'tls',
  'tls-timeout': 'tls',
  'tls-failed': 'tls',
  'tls-client-certificate': 'tls',
  'registry-unavailable': 'headers',
  'registry-error': 'headers',
  'rate-limited': 'headers',
  'not-a-registry': 'headers',
  'answer-invalid': 'headers',
  'bad-credentials': 'token',
  'access-denied': 'token',
  'auth-challenge-missing': 'headers',
  'auth-challenge-invalid': 'headers',
  'token-server-unreachable': 'token',
  'token-response-invalid': 'token',
  'redirect-refused': 'redirect',
  'redirect-loop': 'redirect',
  'storage-unreachable': 'connect',
  'storage-forbidden': 'headers',
  'credential-helper-failed': 'token',
  'proxy-failed': 'connect',
  'insufficient-scope': 'token',
  'denied-or-missing': 'token',
  'mirror-miss': 'headers',
  'clock-skew': 'token',
  'tls-expected': 'headers',
  'run-stopped': 'request',
}

const isFailureKind = (kind: string): kind is FailureKind => kind in phases

/** Every kind of failure but one. */
export const otherFailures = (than: FailureKind): FailureKind[] =>
  Object.keys(phases)
    .filter(isFailureKind)
    .filter((kind) => kind !== than)

/** An object that was not observed because of this kind of failure. */
export const unseen = (
  kind: FailureKind,
  host = registry,
  detail = `the case of ${kind}`,
): Extract<Observed<never>, { seen: false }> => ({
  seen: false,
  why: { kind, host, phase: phases[kind], detail, evidence: [`${host} said so`] },
})

/** A change to healthy facts. */
export type Change = (facts: Facts) => void

/** Settings as strings, as in a step's environment. */
export type Given = Partial<Record<SettingName, string>>

/** A near miss, which must give no finding: its description, the change and the settings. */
export type Quiet = [sentence: string, change: Change, given?: Given]

/** A fault with its effective severity. */
export type Reported = Fault & { severity: Severity }

export const withManifest =
  (name: ManifestName, observed: ManifestFact['observed']): Change =>
  (facts) => {
    manifestIn(facts, name).observed = observed
  }

export const withBlob =
  (name: BlobName, observed: BlobFact['observed']): Change =>
  (facts) => {
    blobIn(facts, name).observed = observed
  }

export const all =
  (...changes: Change[]): Change =>
  (facts) => {
    for (const change of changes) change(facts)
  }

/** Adds a manifest that no index lists. */
export const alsoManifest =
  (name: string, role: Role, field: string, observed: ManifestFact['observed']): Change =>
  (facts) => {
    const uses = [useOf(digestOf('amd64'), field, descriptorOf(name))]
    repositoryIn(facts).manifests.push({
      digest: digestOf(name),
      role,
      uses,
      descriptor: descriptorOf(name),
      observed,
    })
  }

/** Parsed settings, with these values. */
export function settingsWith(given: Given = {}): Settings {
  // These facts have no runner; see runner-facts.ts.
  const all: Given = given.mode === 'cluster' ? given : { checks: 'image,registry,path', ...given }
  const env = Object.entries(all).map(([name, value]) => [`PLUGIN_${name.toUpperCase()}`, value])
  const settings = readSettings(Object.fromEntries(env))
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  return settings.value
}

/** The faults that a check reports for healthy facts with one change. */
export function faultsOf(check: Check, change: Change = () => {}, given: Given = {}): Reported[] {
  const facts = healthyFacts()
  change(facts)
  return check.run(facts, settingsWith(given)).map((fault) => ({ severity: check.severity, ...fault }))
}

/** The fields of a finding that identify its object. */
export const about = (name: ManifestName | BlobName, ...platforms: string[]) => ({
  subject: `${repository}@${digestOf(name)}`,
  repository,
  digest: digestOf(name),
  platforms,
})

/** Four objects that were not observed: three from one host, one from another. */
export const withFailures = (kind: FailureKind): Change =>
  all(
    withManifest('arm64', unseen(kind)),
    withBlob('base layer', unseen(kind, 'cdn.example.com')),
    withBlob('amd64 layer', unseen(kind)),
    withBlob('arm64 layer', unseen(kind)),
  )

/** The findings of a failure's check for `withFailures`. */
export const failureFindings = (kind: FailureKind, severity: Severity = 'error'): Reported[] => [
  {
    subject: registry,
    severity,
    message: `the case of ${kind}: 3 objects not verified`,
    evidence: [`${registry} said so`],
    cause: registry,
  },
  {
    subject: 'cdn.example.com',
    severity,
    message: `the case of ${kind}: ${repository}@${digestOf('base layer')} not verified`,
    evidence: ['cdn.example.com said so'],
    cause: 'cdn.example.com',
  },
]

const quirks: Record<Quirk, true> = {
  'ranges-ignored': true,
  'head-unsupported': true,
  'head-unauthorized': true,
  'length-unknown': true,
  'length-zero': true,
  'content-encoded': true,
  'digest-header-missing': true,
}

const isQuirk = (name: string): name is Quirk => name in quirks

/** Every quirk but one, each in two responses. */
export const otherQuirks =
  (than: Quirk): Change =>
  (facts) => {
    for (const quirk of Object.keys(quirks).filter(isQuirk)) {
      if (quirk !== than) quirky(quirk, 2)(facts)
    }
  }

/** A quirk of this many responses. */
export const quirky =
  (quirk: Quirk, answers: number): Change =>
  (facts) => {
    facts.registry.quirks.push({ repository, registry, quirk, answers })
  }

import {
  artifact,
  attestation,
  type Content,
  contentsOf,
  descriptorOf,
  emptyConfig,
  foreignLayerType,
  image,
  index,
  inlineDescriptorOf,
  layer,
  multiPlatform,
  randomLayer,
  referrer,
  rewrite,
} from '../../src/fake-registry/images/images.ts'
import type { Report } from '../../src/report/schema.ts'
import { push } from './push.ts'
import { noteIds, type VerifyTestOptions, verifyImages } from './verify.ts'

const amd64 = image('linux/amd64')
const arm64 = image('linux/arm64/v8')
const docker = (platform: string) => image(platform, { format: 'docker' })
const plainArtifact = artifact()

/**
 * A healthy image of every kind that both generations of the registry accept, by repository: all of the distribution
 * specification's own conformance data, except what they refuse (measured: manifests with sha512, the withdrawn artifact manifest
 * and foreign layers) and what is not healthy (a missing subject, an index with missing platforms).
 */
const corpus: Record<string, Content[]> = {
  'corpus/oci': contentsOf(amd64),
  'corpus/docker': contentsOf(docker('linux/amd64')),
  'corpus/oci-index': contentsOf(index([amd64, arm64])),
  'corpus/docker-list': contentsOf(index([docker('linux/amd64'), docker('linux/386')], { format: 'docker' })),
  'corpus/zstd': contentsOf(index([image('linux/amd64', { compression: 'zstd' }), arm64])),
  'corpus/uncompressed': contentsOf(index([image('linux/amd64', { compression: 'none' })])),
  'corpus/attested': contentsOf(index([amd64, attestation(amd64, { config: 'image' })])),
  'corpus/attested-empty': contentsOf(index([amd64, attestation(amd64, { config: 'empty' })])),
  'corpus/nested': contentsOf(index([index([amd64, arm64]), image('linux/s390x')])),
  'corpus/many': multiPlatform({
    platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/riscv64'],
    layersPer: 4,
    sharedBase: true,
    attestations: true,
    seed: 'corpus',
  }).contents,
  'corpus/large': contentsOf(
    image('linux/amd64', { layers: [randomLayer({ bytes: 3_000_000, seed: 'large' })] }),
  ),
  'corpus/empty-file': contentsOf(image('linux/amd64', { layers: [layer({ nothing: '' })] })),
  'corpus/artifact': contentsOf(plainArtifact),
  'corpus/inline': contentsOf({
    ...plainArtifact,
    manifest: rewrite(plainArtifact.manifest, (body) => ({
      ...body,
      config: inlineDescriptorOf(emptyConfig),
    })),
  }),
  'corpus/referrer': contentsOf(amd64, referrer(amd64.manifest)),
  'corpus/subject': contentsOf(amd64, artifact({ subject: descriptorOf(amd64.manifest) })),
  'corpus/artifact-list': contentsOf(index([artifact({ content: 'a' }), artifact({ content: 'b' })])),
  'corpus/nondistributable': contentsOf(
    image('linux/amd64', {
      layers: [{ ...layer({ own: 'kept' }), mediaType: foreignLayerType('oci') }, layer({ b: 'b' })],
    }),
  ),
  'corpus/no-layers': contentsOf(image('linux/amd64', { layers: [] })),
  'corpus/zero-bytes': contentsOf(artifact({ content: '' })),
  'corpus/twice': contentsOf(image('linux/amd64', { layers: [layer({ a: 'a' }), layer({ a: 'a' })] })),
  'corpus/custom-fields': [
    ...amd64.blobs,
    rewrite(amd64.manifest, (body) => ({ ...body, 'org.example.custom': { deep: [1, null, 'x'] } })),
  ],
  'corpus/no-media-type': [...amd64.blobs, rewrite(amd64.manifest, ({ mediaType: _, ...body }) => body)],
}

/** Every repository of the corpus. */
export const corpusNames = Object.keys(corpus)

/** Pushes the whole corpus, each as tag `1`; `except` lists what a registry does not accept. */
export async function pushCorpus(
  registry: string,
  { except = [], ...options }: { except?: string[]; credentials?: { user: string; password: string } } = {},
): Promise<void> {
  await Promise.all(
    Object.entries(corpus)
      .filter(([name]) => !except.includes(name))
      .map(([name, contents]) => push(registry, name, contents, { tag: '1', ...options })),
  )
}

/** Verifies the whole corpus, or the given names, at one depth in one run. */
export function verifyCorpus(
  host: string,
  depth: string,
  { names = corpusNames, ...options }: VerifyTestOptions & { names?: string[] } = {},
): Promise<Report> {
  return verifyImages(
    names.map((name) => `${host}/${name}:1`),
    { ...options, settings: { depth, ...options.settings } },
  )
}

/** Every depth a run can have. */
export const depths = ['head', 'probe', 'full']

/** The notes of a report, but the one that the corpus itself has for its nested index. */
export const notesBesides = (report: Report): string[] =>
  noteIds(report).filter((id) => id !== 'index-nested')

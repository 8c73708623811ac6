import { blob } from '../../../src/fake-registry/images/image-content.ts'
import { amd64, arm64, forArm, gzipLayer, oci, unknown } from './bases.ts'
import { type Built, buildImage, buildIndex, type ImageShape } from './build.ts'
import { types } from './types.ts'

/** How an image stands in an index. */
export type Indexing = (of: Built, shape: ImageShape, salt: string) => Built

/** An index of the image for linux/amd64 and one for linux/arm64. */
const forTwo =
  (mediaType: string): Indexing =>
  (of, shape, salt) =>
    buildIndex(mediaType, [
      { of, descriptor: amd64 },
      { of: buildImage(forArm(shape), `${salt}/arm64`), descriptor: arm64 },
    ])

const only =
  (descriptor: object, more: object = {}): Indexing =>
  (of) =>
    buildIndex(types.ociIndex, [{ of, descriptor }], more)

/** Indexes and lists by name. */
export const indexings: Record<string, Indexing> = {
  'OCI index': forTwo(types.ociIndex),
  'Docker list': forTwo(types.dockerList),
  'nested for each platform': (of) =>
    buildIndex(types.ociIndex, [
      { of: buildIndex(types.ociIndex, [{ of, descriptor: amd64 }]), descriptor: amd64 },
    ]),
  'nested, without platforms outside': (of) =>
    buildIndex(types.ociIndex, [{ of: buildIndex(types.ociIndex, [{ of, descriptor: amd64 }]) }]),
  'nested Docker lists': (of) =>
    buildIndex(types.dockerList, [
      { of: buildIndex(types.dockerList, [{ of, descriptor: amd64 }]), descriptor: amd64 },
    ]),
  'unknown/unknown only': only(unknown),
  'attestation only': (of, _, salt) =>
    buildIndex(types.ociIndex, [{ of: attestationOf(salt), descriptor: describing(of) }]),
  'image and attestation': (of, _, salt) =>
    buildIndex(types.ociIndex, [
      { of, descriptor: amd64 },
      { of: attestationOf(salt), descriptor: describing(of) },
    ]),
  empty: (_, __, salt) => buildIndex(types.ociIndex, [], { annotations: { salt } }),
  'manifests null': (_, __, salt) =>
    buildIndex(types.ociIndex, [], { annotations: { salt }, manifests: null }),
  'without platforms': only({}),
  'Docker list without platforms': (of) => buildIndex(types.dockerList, [{ of }]),
  'another platform only': (_, shape, salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(forArm(shape), salt), descriptor: arm64 }]),
  'one image for two platforms': (of) =>
    buildIndex(types.ociIndex, [
      { of, descriptor: arm64 },
      { of, descriptor: amd64 },
    ]),
  'platform and config disagree': (_, shape, salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(forArm(shape), salt), descriptor: amd64 }]),
  'child size 1 too large': (of) => childSized(of, 1),
  'child size 1 too small': (of) => childSized(of, -1),
  'child described as a Docker image': only({ ...amd64, mediaType: types.docker }),
  'child of type octet-stream': only({ ...amd64, mediaType: types.octets }),
  'without mediaType': only(amd64, { mediaType: undefined }),
  artifactType: only(amd64, { artifactType: 'application/vnd.example+type' }),
  'BuildKit cache as an index of layers': (_, __, salt) => {
    const [layer] = buildImage({ ...oci, layers: [gzipLayer()] }, salt).contents
    const config = blob('application/vnd.buildkit.cacheconfig.v0', JSON.stringify({ salt }))
    if (layer?.kind !== 'blob') throw new Error('an image begins with its layer')
    return buildIndex(types.ociIndex, [{ of: layer }, { of: config }])
  },
  'image beside an artifact for the same platform': (of, shape, salt) =>
    buildIndex(types.ociIndex, [
      {
        of: buildImage(shape, `${salt}/other`),
        descriptor: { ...amd64, artifactType: 'application/vnd.example+type' },
      },
      { of, descriptor: amd64 },
    ]),
}

const childSized = (of: Built, more: number): Built =>
  buildIndex(types.ociIndex, [{ of, descriptor: { ...amd64, size: of.manifest.bytes.length + more } }])

const describing = (of: Built) => ({
  ...unknown,
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': of.manifest.digest,
  },
})

function attestationOf(salt: string): Built {
  const content = () => Buffer.from(JSON.stringify({ salt }))
  return buildImage(
    {
      ...oci,
      layers: [{ mediaType: types.inToto, packing: 'none', content }],
      config: (right) => ({ ...right, os: 'unknown', architecture: 'unknown' }),
    },
    `${salt}/attestation`,
  )
}

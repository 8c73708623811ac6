import { expect, test } from 'vitest'
import check from '../../../src/checks/image/layer-missing.ts'
import {
  about,
  absent,
  absentWithoutCode,
  all,
  blobIn,
  type Change,
  cut,
  digestOf,
  faultsOf,
  length,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const gone = withBlob('amd64 layer', absent())
const finding = {
  ...about('amd64 layer', 'linux/amd64'),
  severity: 'error',
  message: 'layers[1], 2.0 KiB: 404 UNKNOWN',
  evidence: [],
  cause: repository,
}
const layer =
  (edit: (blob: ReturnType<typeof blobIn>) => void): Change =>
  (facts) =>
    edit(blobIn(facts, 'amd64 layer'))
const embedded = (inline: 'matches' | 'differs') =>
  layer((blob) => {
    blob.inline = inline
  })

test('a missing layer is an error', () => {
  expect(faultsOf(check, gone)).toEqual([finding])
})

test('a layer that two platforms share is one finding that names both', () => {
  expect(faultsOf(check, withBlob('base layer', absent()))).toEqual([
    {
      ...finding,
      ...about('base layer', 'linux/amd64', 'linux/arm64'),
      message: 'layers[0], 30.0 MiB: 404 UNKNOWN',
      evidence: ['listed by 2 manifests'],
    },
  ])
})

test('a blob that an index lists directly is no layer of an image', () => {
  const change = all(
    gone,
    layer((blob) => {
      blob.uses = [{ parent: digestOf('index'), field: 'manifests[1]' }]
    }),
  )
  expect(faultsOf(check, change)).toMatchObject([
    {
      title: expect.stringContaining('Missing blobs'),
      message: 'manifests[1], 2.0 KiB: 404 UNKNOWN',
      cause: `${repository} blobs of an index`,
    },
  ])
})

test('a layer of an ordinary type must be there even if it has URLs', () => {
  const change = layer(({ descriptor }) => {
    descriptor.urls = ['https://layers.example.com/1']
  })
  expect(faultsOf(check, all(gone, change))).toEqual([
    { ...finding, because: expect.stringContaining('Docker ignores them') },
  ])
})

test('a refusal without a code leaves no trailing space', () => {
  expect(faultsOf(check, withBlob('amd64 layer', absentWithoutCode()))).toMatchObject([
    { message: 'layers[1], 2.0 KiB: 404' },
  ])
})

test('a layer that the manifest embeds is a warning', () => {
  expect(faultsOf(check, all(gone, embedded('matches')))).toEqual([{ ...finding, severity: 'warning' }])
})

test('embedded data that differs does not replace a layer', () => {
  expect(faultsOf(check, all(gone, embedded('differs')))).toEqual([finding])
})

test('a missing provenance is a warning', () => {
  expect(faultsOf(check, withBlob('arm64 provenance', absent()))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['layers that were proven are not missing', () => {}],
  ['a missing configuration is not a layer', withBlob('amd64 config', absent())],
  [
    'a foreign layer may be absent',
    all(
      gone,
      layer(({ descriptor }) => {
        descriptor.mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
      }),
    ),
  ],
  [
    'a blob that another manifest lists as a configuration is reported as a configuration',
    all(
      gone,
      layer(({ uses }) => {
        uses.push({ parent: 'another manifest', field: 'config' })
      }),
    ),
  ],
  ['an empty layer is not missing', withBlob('amd64 layer', length(0, false))],
  ['a layer without data is not missing', withBlob('amd64 layer', cut(0))],
  ['a layer that was not observed is not missing', withBlob('amd64 layer', unseen('storage-unreachable'))],
  ['a missing manifest is not a layer', withManifest('amd64', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

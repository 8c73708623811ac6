import { expect, test } from 'vitest'
import check from '../../../src/checks/image/layer-archive-invalid.ts'
import type { BlobFact } from '../../../src/facts/image.ts'
import {
  about,
  all,
  type BlobName,
  blobIn,
  type Change,
  faultsOf,
  imageIn,
  proven,
  type Quiet,
  repository,
  withBlob,
} from '../../support/facts.ts'

const unpacked = (name: BlobName, found: Partial<NonNullable<BlobFact['unpacked']>>): Change =>
  all(withBlob(name, proven('whole')), (facts) => {
    blobIn(facts, name).unpacked = { compression: 'gzip', trailingBytes: 0, archive: 'readable', ...found }
  })

test.each([
  ['cut', 'error', 'the archive ends in the middle of an entry', '“unexpected EOF”'],
  ['invalid', 'error', 'a header of the archive is invalid', '“archive/tar: invalid tar header”'],
  ['escaping', 'warning', 'an entry of the archive leads above its root', '“invalid entry name "…"”'],
] as const)(
  'an archive that is %s is found, an %s, with the words of the clients',
  (archive, severity, problem, words) => {
    const [fault, ...others] = faultsOf(check, unpacked('amd64 layer', { archive }))
    expect(fault).toMatchObject({
      ...about('amd64 layer', 'linux/amd64'),
      severity,
      message: `layers[1]: ${problem}`,
      cause: `${repository} ${archive}`,
    })
    expect(fault?.because).toContain(words)
    expect(others).toEqual([])
  },
)

test.each<Quiet>([
  ['an archive that can be read is quiet', unpacked('amd64 layer', {})],
  ['an attestation is no archive', unpacked('amd64 provenance', { archive: 'invalid' })],
  [
    'a layer of another type is no archive',
    all(unpacked('amd64 layer', { archive: 'invalid' }), (facts) => {
      const layers = imageIn(facts, 'amd64').layers
      for (const layer of layers) layer.mediaType = 'application/vnd.oci.image.layer.nydus.blob.v1'
    }),
  ],
])('%s', (_, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/image/attestation-not-listed.ts'
import { ociIndex } from '../../../src/oci/media-types.ts'
import {
  absent,
  type Change,
  childOf,
  descriptorOf,
  digestOf,
  faultsOf,
  imageOf,
  indexOf,
  type Quiet,
  repository,
  repositoryOf,
  seen,
  tagged,
  targetIn,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const wanted = { provenance: 'mode=max', sbom: 'true' }
const finding = {
  subject: tagged,
  severity: 'warning',
  message: 'lists no attestation',
  expected: 'provenance: mode=max, sbom: true',
  actual: 'images only',
  cause: repository,
}

/** An index of two images without attestations. */
const plain: Change = (facts) => {
  facts.image.repositories = [
    repositoryOf([
      [digestOf('index'), indexOf(childOf('amd64', 'amd64'), childOf('arm64', 'arm64'))],
      [digestOf('amd64'), imageOf('amd64 config', 'base layer')],
      [digestOf('arm64'), imageOf('arm64 config', 'base layer')],
    ]),
  ]
}

/** A tag that refers to a single image. */
const single: Change = (facts) => {
  plain(facts)
  targetIn(facts).first = seen({ state: 'found', digest: digestOf('amd64'), sizeBytes: 1200 })
}

/** A nested index that could not be read. */
const unread: Change = (facts) => {
  facts.image.repositories = [repositoryOf([[digestOf('index'), indexOf(descriptorOf('inner', ociIndex))]])]
  const [first] = facts.image.repositories
  first?.manifests.push({
    digest: digestOf('inner'),
    role: 'image',
    uses: [],
    descriptor: descriptorOf('inner', ociIndex),
    observed: unseen('rate-limited'),
  })
}

test.each<[string, Change]>([
  ['an index of images only', plain],
  ['a single image', single],
])('%s is reported if the build was to attest', (_what, change) => {
  expect(faultsOf(check, change, wanted)).toEqual([finding])
  expect(faultsOf(check, change, { sbom: 'generator=x' })).toEqual([
    { ...finding, expected: 'sbom: generator=x' },
  ])
})

test.each<Quiet>([
  ['an index with attestations is correct', () => {}, wanted],
  ['a missing attestation is still listed', withManifest('arm64 attestation', absent()), wanted],
  ['no setting requests attestations', plain],
  ['false requests no attestation', plain, { provenance: 'false', sbom: 'False' }],
  ['neither does a disabled setting', plain, { provenance: 'mode=max,disabled=true' }],
  ['a mirror may lack attestations', plain, { ...wanted, mirror: 'true' }],
  ['an index that was not read may list attestations', unread, wanted],
  [
    'a tag that was not observed is not judged',
    (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    },
    wanted,
  ],
  [
    'an artifact is not the result of a build',
    (facts) => {
      const artifact = { ...imageOf('chart config', 'chart layer'), artifactType: 'application/x' }
      facts.image.repositories = [repositoryOf([[digestOf('index'), artifact]])]
    },
    wanted,
  ],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})

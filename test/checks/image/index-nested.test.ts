import { expect, test } from 'vitest'
import check from '../../../src/checks/image/index-nested.ts'
import { dockerList, ociIndex } from '../../../src/oci/media-types.ts'
import {
  about,
  type Change,
  faultsOf,
  indexIn,
  indexOf,
  manifestIn,
  type Quiet,
  read,
  repository,
} from '../../support/facts.ts'

const listed =
  (mediaType: string, count = 1): Change =>
  (facts) => {
    for (const child of indexIn(facts).children.slice(0, count)) child.mediaType = mediaType
    const children = (['amd64', 'arm64'] as const).slice(0, count)
    for (const name of children) manifestIn(facts, name).observed = read(indexOf(), mediaType)
  }

test.each([ociIndex, dockerList])(
  'an index that lists a %s is a note that names the clients',
  (mediaType) => {
    expect(faultsOf(check, listed(mediaType))).toEqual([
      {
        ...about('index'),
        severity: 'note',
        message: 'manifests[0]: an index',
        cause: repository,
        because: expect.stringMatching(/Docker 20\.10 with “unsupported manifest format”, in podman/),
      },
    ])
  },
)

test('all of them are named', () => {
  expect(faultsOf(check, listed(ociIndex, 2))).toMatchObject([
    { message: 'manifests[0], manifests[1]: an index' },
  ])
})

test.each<Quiet>([
  ['an index of images is flat', () => {}],
  [
    'an image that is described as an index is another finding',
    (facts) => {
      for (const child of indexIn(facts).children) child.mediaType = ociIndex
    },
  ],
  [
    'an index of referrers may list anything',
    (facts) => {
      listed(ociIndex)(facts)
      manifestIn(facts, 'index').role = 'referrer'
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

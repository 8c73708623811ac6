import { expect, test } from 'vitest'
import check from '../../../src/checks/image/index-empty.ts'
import {
  about,
  absent,
  alsoManifest,
  type Change,
  faultsOf,
  imageIn,
  indexIn,
  indexOf,
  manifestIn,
  type Quiet,
  read,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const empty = read(indexOf())

test('an index that lists nothing is an error', () => {
  expect(faultsOf(check, withManifest('index', empty))).toEqual([
    { ...about('index'), severity: 'error', message: 'the list of manifests is empty' },
  ])
})

test('an empty index inside another is an error, too', () => {
  expect(faultsOf(check, withManifest('arm64', empty))).toMatchObject([about('arm64', 'linux/arm64')])
})

const emptyAs =
  (role: 'attestation' | 'referrer' | 'subject'): Change =>
  (facts) => {
    alsoManifest('other', role, 'subject', empty)(facts)
  }

test.each<Quiet>([
  ['an index that lists something is not empty', () => {}],
  [
    'an index whose images are all missing still lists them',
    (facts) => {
      for (const name of ['amd64', 'arm64'] as const) manifestIn(facts, name).observed = absent()
    },
  ],
  [
    'an index with a single child is not empty',
    (facts) => {
      indexIn(facts).children.length = 1
    },
  ],
  [
    'an image without layers is not an index',
    (facts) => {
      imageIn(facts, 'amd64').layers = []
    },
  ],
  ['an empty attestation is not an image to pull', emptyAs('attestation')],
  ['an empty referrer is not an image to pull', emptyAs('referrer')],
  ['an empty subject is not pulled', emptyAs('subject')],
  ['a missing index is not empty', withManifest('index', absent())],
  ['an index that was not observed is not empty', withManifest('index', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

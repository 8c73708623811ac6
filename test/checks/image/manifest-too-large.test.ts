import { expect, test } from 'vitest'
import check from '../../../src/checks/image/manifest-too-large.ts'
import {
  about,
  absent,
  faultsOf,
  malformed,
  manifestIn,
  oversized,
  type Quiet,
  repository,
  tagged,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const finding = { severity: 'error', message: 'larger than 8.0 MiB', expected: 'at most 8.0 MiB' }

test('a manifest over the limit is an error', () => {
  expect(faultsOf(check, withManifest('arm64', oversized()))).toEqual([
    { ...about('arm64', 'linux/arm64'), ...finding },
  ])
})

test('a tag whose manifest was not read has no digest, so the tag is the subject', () => {
  const faults = faultsOf(check, (facts) => {
    Object.assign(manifestIn(facts, 'index'), { digest: '', observed: oversized() })
  })
  expect(faults).toEqual([{ ...finding, subject: tagged, repository, digest: '', platforms: [] }])
})

test('an attestation over the limit is a warning', () => {
  expect(faultsOf(check, withManifest('arm64 attestation', oversized()))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['manifests that were read are not too large', () => {}],
  ['an invalid manifest is not too large', withManifest('arm64', malformed('not valid JSON'))],
  ['a missing manifest is not too large', withManifest('arm64', absent())],
  ['a manifest that was not observed is not too large', withManifest('arm64', unseen('connection-cut'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

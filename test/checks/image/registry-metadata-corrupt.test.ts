import { expect, test } from 'vitest'
import check from '../../../src/checks/image/registry-metadata-corrupt.ts'
import {
  about,
  absent,
  type Change,
  faultsOf,
  otherFailures,
  type Quiet,
  registry,
  repository,
  repositoryIn,
  targetIn,
  unseen,
  withBlob,
  withFailures,
  withManifest,
} from '../../support/facts.ts'

const unnamed = unseen('registry-error', registry, 'it answered 500')
/** The same with the error code of the registry itself. */
const broken = { ...unnamed, why: { ...unnamed.why, code: 'UNKNOWN' } }
const finding = {
  severity: 'error',
  message: 'it answered 500',
  evidence: [`${registry} said so`],
  cause: repository,
  because: expect.stringContaining('leaves it empty'),
}

test('a manifest that is the only one to answer 500 has damaged metadata', () => {
  expect(faultsOf(check, withManifest('arm64', broken))).toEqual([
    { ...about('arm64', 'linux/arm64'), ...finding },
  ])
})

test('a layer that is the only one to answer 500 has damaged metadata, and affects both platforms', () => {
  expect(faultsOf(check, withBlob('base layer', broken))).toEqual([
    { ...about('base layer', 'linux/amd64', 'linux/arm64'), ...finding },
  ])
})

test('damaged metadata of an attestation is a warning', () => {
  expect(faultsOf(check, withManifest('arm64 attestation', broken))).toMatchObject([
    { ...about('arm64 attestation', 'attestation'), severity: 'warning' },
  ])
})

/** One layer answers 500, and everything else in the repository is missing. */
const onlyAbsent: Change = (facts) => {
  const { manifests, blobs } = repositoryIn(facts)
  for (const object of [...manifests, ...blobs]) object.observed = absent()
  withBlob('amd64 layer', broken)(facts)
}

const everything: Change = (facts) => {
  const { manifests, blobs } = repositoryIn(facts)
  for (const object of [...manifests, ...blobs]) object.observed = broken
}

test.each<Quiet>([
  ['a registry that serves everything has no damaged metadata', () => {}],
  ['a missing layer has no damaged metadata', withBlob('amd64 layer', absent())],
  ['a registry that answers everything with 500 has more than damaged metadata', everything],
  ['a registry that serves nothing else has more than damaged metadata', onlyAbsent],
  ['a 500 without an error code may be that of a proxy', withBlob('amd64 layer', unnamed)],
  [
    'a 500 with another error code has another cause',
    withBlob('amd64 layer', { ...unnamed, why: { ...unnamed.why, code: 'TOOMANYREQUESTS' } }),
  ],
  [
    'a tag that answers 500 is not damaged metadata of an object',
    (facts) => {
      targetIn(facts).last = broken
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('another failure is not damaged metadata', () => {
  const kinds = otherFailures('registry-error')
  expect(kinds.filter((kind) => faultsOf(check, withFailures(kind)).length > 0)).toEqual([])
})

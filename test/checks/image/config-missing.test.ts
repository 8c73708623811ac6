import { expect, test } from 'vitest'
import check from '../../../src/checks/image/config-missing.ts'
import {
  about,
  absent,
  absentWithoutCode,
  all,
  altered,
  blobIn,
  type Change,
  faultsOf,
  length,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const gone = withBlob('amd64 config', absent())
const finding = {
  ...about('amd64 config', 'linux/amd64'),
  severity: 'error',
  message: 'configuration: 404 UNKNOWN',
  cause: repository,
}
const embedded =
  (inline: 'matches' | 'differs'): Change =>
  (facts) => {
    blobIn(facts, 'amd64 config').inline = inline
  }

test('a missing configuration is an error', () => {
  expect(faultsOf(check, gone)).toEqual([finding])
})

test('a refusal without a code leaves no trailing space', () => {
  expect(faultsOf(check, withBlob('amd64 config', absentWithoutCode()))).toMatchObject([
    { message: 'configuration: 404' },
  ])
})

test('a missing configuration that the manifest embeds is a warning, because some clients can use that', () => {
  expect(faultsOf(check, all(gone, embedded('matches')))).toEqual([
    { ...finding, severity: 'warning', because: expect.stringContaining('embeds') },
  ])
})

test('embedded data that differs does not replace the blob', () => {
  expect(faultsOf(check, all(gone, embedded('differs')))).toEqual([finding])
})

test('the configuration of an attestation is a warning', () => {
  expect(faultsOf(check, withBlob('amd64 attestation config', absent()))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test('a blob that is a layer in one manifest and a configuration in another is reported as a configuration', () => {
  const faults = faultsOf(check, (facts) => {
    const blob = blobIn(facts, 'amd64 layer')
    blob.observed = absent()
    blob.uses.push({ parent: 'another manifest', field: 'config' })
  })
  expect(faults).toMatchObject([about('amd64 layer', 'linux/amd64')])
})

test.each<Quiet>([
  ['configurations that were read are not missing', () => {}],
  ['a missing layer is not a configuration', withBlob('amd64 layer', absent())],
  ['an empty configuration is not missing', withBlob('amd64 config', length(0, false))],
  ['a configuration with other bytes is not missing', withBlob('amd64 config', altered())],
  [
    'a configuration that was not observed is not missing',
    withBlob('amd64 config', unseen('answer-timeout')),
  ],
  ['a missing image is reported by its manifest', withManifest('amd64', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

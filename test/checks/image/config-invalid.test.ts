import { expect, test } from 'vitest'
import check from '../../../src/checks/image/config-invalid.ts'
import {
  about,
  absent,
  altered,
  type BlobName,
  blobIn,
  type Change,
  faultsOf,
  type Quiet,
  unseen,
  withBlob,
} from '../../support/facts.ts'

const broken =
  (name: BlobName): Change =>
  (facts) => {
    blobIn(facts, name).config = { ok: false, problem: 'not valid JSON: …' }
  }

test('a configuration that cannot be parsed is an error with the message of the parser', () => {
  expect(faultsOf(check, broken('arm64 config'))).toEqual([
    { ...about('arm64 config', 'linux/arm64'), severity: 'error', message: 'not valid JSON: …' },
  ])
})

test('a configuration of an attestation that cannot be parsed is a warning', () => {
  expect(faultsOf(check, broken('amd64 attestation config'))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

const unread = (observed: Parameters<typeof withBlob>[1]): Change => {
  return (facts) => {
    withBlob('amd64 config', observed)(facts)
    delete blobIn(facts, 'amd64 config').config
  }
}

test.each<Quiet>([
  ['configurations that were read are valid', () => {}],
  ['a missing configuration is not invalid', unread(absent())],
  ['a configuration with other bytes is not invalid', unread(altered())],
  ['a configuration that was not observed is not invalid', unread(unseen('answer-timeout'))],
  ['a missing layer is not a configuration', withBlob('amd64 layer', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/image/inline-data-mismatch.ts'
import {
  about,
  absent,
  all,
  altered,
  type BlobName,
  blobIn,
  type Change,
  digestOf,
  faultsOf,
  type Quiet,
  unseen,
  withBlob,
} from '../../support/facts.ts'

const embeds =
  (name: BlobName, inline: 'matches' | 'differs'): Change =>
  (facts) => {
    blobIn(facts, name).inline = inline
  }
const finding = {
  ...about('amd64 config', 'linux/amd64'),
  severity: 'error',
  message: 'the embedded data of config does not match its descriptor',
  expected: `${digestOf('amd64 config')}, 1200 bytes`,
}

test.each<[string, Change]>([
  ['embedded data with another digest is an error', () => {}],
  ['it is an error without the blob, too', withBlob('amd64 config', absent())],
  ['it is an error if the blob was not observed, too', withBlob('amd64 config', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, all(embeds('amd64 config', 'differs'), change))).toEqual([finding])
})

test('wrong data embedded in an attestation is a warning', () => {
  expect(faultsOf(check, embeds('amd64 provenance', 'differs'))).toMatchObject([
    { severity: 'warning', message: 'the embedded data of layers[0] does not match its descriptor' },
  ])
})

test.each<Quiet>([
  ['a manifest that embeds nothing is correct', () => {}],
  ['embedded data with the right digest is correct', embeds('amd64 config', 'matches')],
  [
    'correct embedded data stays correct if the blob has other bytes',
    all(embeds('amd64 config', 'matches'), withBlob('amd64 config', altered())),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

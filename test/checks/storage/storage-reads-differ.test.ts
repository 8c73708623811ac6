import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-reads-differ.ts'
import { digestOf } from '../../support/facts.ts'
import { faultsOfStorage, withHashes, wrongHash } from '../../support/storage/storage-facts.ts'

test.each([
  ['right', 'the right content'],
  ['other', 'something else again'],
] as const)('a second reading that gave %s', (again, second) => {
  expect(faultsOfStorage(check, withHashes({ wrong: [wrongHash('layer', again)] }))).toMatchObject([
    {
      subject: digestOf('layer'),
      severity: 'error',
      message: expect.stringMatching(`^the first reading gave sha256:[0-9a-f]{8}…, the second ${second}$`),
    },
  ])
})

test('damage that both readings show is left to others, and a healthy storage has no finding', () => {
  expect(faultsOfStorage(check, withHashes({ wrong: [wrongHash('layer', 'same')] }))).toEqual([])
  expect(faultsOfStorage(check, withHashes({}))).toEqual([])
  expect(faultsOfStorage(check)).toEqual([])
})

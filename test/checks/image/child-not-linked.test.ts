import { expect, test } from 'vitest'
import check from '../../../src/checks/image/child-not-linked.ts'
import {
  about,
  absent,
  altered,
  blobSees,
  manifestSees,
  type Quiet,
  registry,
  repository,
  told,
  unseen,
} from '../../support/facts.ts'

test('a child that another repository serves is not linked here', () => {
  expect(told(check, manifestSees('arm64', absent('team/builds')))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: `404 here, but ${registry}/team/builds serves it`,
      cause: `${repository} from team/builds`,
      because: expect.stringContaining(`served by ${registry}/team/builds`),
    },
  ])
})

test('the first of several repositories that serve it is named', () => {
  expect(told(check, manifestSees('arm64', absent('team/first', 'team/second')))).toMatchObject([
    { cause: `${repository} from team/first` },
  ])
})

test('an attestation that is not linked is a warning', () => {
  expect(told(check, manifestSees('amd64 attestation', absent('team/builds')))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['children that are there are linked', () => {}],
  [
    'a child that a mirror lacks needs no link, though another repository has it',
    manifestSees('arm64', absent('team/builds')),
    { mirror: 'true' },
  ],
  ['a child that no repository serves is gone, not unlinked', manifestSees('arm64', absent())],
  ['a child with other bytes is linked', manifestSees('arm64', altered())],
  ['a child that was not seen may be linked', manifestSees('arm64', unseen('rate-limited'))],
  ['a layer is no child of an index', blobSees('amd64 layer', absent('team/builds'))],
])('%s', (_sentence, change, given) => {
  expect(told(check, change, given)).toEqual([])
})

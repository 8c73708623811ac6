import { expect, test } from 'vitest'
import check from '../../../src/checks/image/child-not-linked.ts'
import {
  about,
  absent,
  altered,
  faultsOf,
  type Quiet,
  registry,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

test('a child that another repository serves is not linked here', () => {
  expect(faultsOf(check, withManifest('arm64', absent('team/builds')))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: `404 here, but ${registry}/team/builds serves it`,
      cause: `${repository} from team/builds`,
      because: expect.stringContaining(`${registry}/team/builds serves the same digest`),
    },
  ])
})

test('the first of several repositories that serve it is named', () => {
  expect(faultsOf(check, withManifest('arm64', absent('team/first', 'team/second')))).toMatchObject([
    { cause: `${repository} from team/first` },
  ])
})

test('an attestation that is not linked is a warning', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', absent('team/builds')))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['existing children are linked', () => {}],
  [
    'a child that a mirror lacks needs no link, even if another repository has it',
    withManifest('arm64', absent('team/builds')),
    { mirror: 'true' },
  ],
  ['a child that no repository serves is gone, not unlinked', withManifest('arm64', absent())],
  ['a child with other bytes is linked', withManifest('arm64', altered())],
  ['a child that was not observed may be linked', withManifest('arm64', unseen('rate-limited'))],
  ['a layer is not a child of an index', withBlob('amd64 layer', absent('team/builds'))],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/image/not-public.ts'
import type { RepositoryFact } from '../../../src/facts/image.ts'
import {
  type Change,
  faultsOf,
  type Quiet,
  repository,
  repositoryIn,
  seen,
  unseen,
} from '../../support/facts.ts'

const anonymously =
  (anonymous: NonNullable<RepositoryFact['anonymous']>): Change =>
  (facts) => {
    repositoryIn(facts).anonymous = anonymous
  }

test('an image that is refused without a login is not public, with the message of the refusal', () => {
  const detail = 'the registry answers 404 for a blob'
  expect(faultsOf(check, anonymously(seen({ state: 'refused', detail })))).toEqual([
    { subject: repository, severity: 'error', message: detail, repository },
  ])
  expect(check.group).toBe('image')
})

test('each repository is reported separately', () => {
  const faults = faultsOf(check, (facts) => {
    const refused = seen({ state: 'refused' as const, detail: 'no credentials were sent' })
    facts.image.repositories.push(
      { ...repositoryIn(facts), name: `${repository}/tools`, anonymous: refused },
      { ...repositoryIn(facts), name: `${repository}/docs`, anonymous: seen({ state: 'public' }) },
    )
  })
  expect(faults.map(({ subject }) => subject)).toEqual([`${repository}/tools`])
})

test.each<Quiet>([
  ['an image that need not be public may be private', () => {}],
  ['an image that can be pulled without a login is public', anonymously(seen({ state: 'public' }))],
  ['a request without an answer was not refused', anonymously(unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

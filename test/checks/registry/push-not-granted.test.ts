import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/push-not-granted.ts'
import type { PushAccess } from '../../../src/facts/registry.ts'
import { type Change, faultsOf, type Quiet, repository } from '../../support/facts.ts'

const asked = 'repository:team/app:pull,push'
const push =
  (access: PushAccess): Change =>
  (facts) => {
    facts.registry.push = [{ repository, access }]
  }

test('a token without push is an error, with both scopes', () => {
  const scope = 'repository:team/app:pull'
  expect(faultsOf(check, push({ state: 'refused', asked, scope }))).toEqual([
    {
      subject: repository,
      severity: 'error',
      message: 'the token does not include push',
      expected: asked,
      actual: scope,
      repository,
    },
  ])
})

test.each<Quiet>([
  ['a run that did not ask for it has no finding', () => {}],
  ['a token with push is right', push({ state: 'granted', scope: asked })],
  ['what only an upload would show is no finding', push({ state: 'unknown', why: 'the token is opaque' })],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

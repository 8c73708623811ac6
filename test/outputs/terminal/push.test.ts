import { expect, test } from 'vitest'
import type { PushAccess } from '../../../src/facts/registry.ts'
import { reportOf } from '../../report/reports.ts'
import { type Change, repository } from '../../support/facts.ts'
import { rendered } from '../rendered.ts'

const push =
  (access: PushAccess, repositories = 1): Change =>
  (facts) => {
    facts.registry.push = Array.from({ length: repositories }, () => ({ repository, access }))
  }
const linesOf = async (change: Change) =>
  (await rendered(reportOf(change), 'plain')).lines.filter((line) => /^. push /.test(line))

test.each<[string, PushAccess, string]>([
  [
    'a granted right',
    { state: 'granted', scope: 'repository:team/app:pull,push' },
    '✓ push    registry.example.com/team/app · the token grants repository:team/app:pull,push',
  ],
  [
    'a right that is not granted',
    { state: 'refused', asked: 'repository:team/app:pull,push', scope: 'nothing' },
    '✗ push    registry.example.com/team/app · the token grants nothing',
  ],
  [
    'an unknown right',
    { state: 'unknown', why: 'the token is opaque' },
    '? push    registry.example.com/team/app · unknown: the token is opaque',
  ],
])('%s has a line', async (_what, access, line) => {
  expect(await linesOf(push(access))).toEqual([line])
})

test('of many repositories only some are listed', async () => {
  const { log } = await rendered(reportOf(push({ state: 'granted', scope: 'x' }, 30)), 'plain')
  expect(log.match(/^✓ push /gm)).toHaveLength(8)
  expect(log).toContain('and 22 more repositories')
})

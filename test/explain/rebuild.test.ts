import { describe, expect, test } from 'vitest'
import { rebuildHint } from '../../src/explain/rebuild.ts'
import type { CiRun } from '../../src/settings/ci.ts'
import { neverAnswered } from '../report/changes.ts'
import { reportOf } from '../report/reports.ts'
import { absent, manifestSees } from '../support/facts.ts'

const url = 'https://git.example.com/team/app/actions/runs/12'

describe('how to rebuild is said in the words of the CI system', () => {
  test.each<[CiRun, string | undefined]>([
    [
      { platform: 'woodpecker', number: '#366' },
      'To rebuild: start pipeline 366 again with the manual event.',
    ],
    [
      { platform: 'woodpecker', number: '#366', url: 'https://ci.example.com/366' },
      'To rebuild: start pipeline 366 again with the manual event (https://ci.example.com/366).',
    ],
    [{ platform: 'woodpecker' }, 'To rebuild: start the pipeline again with the manual event.'],
    [
      { platform: 'forgejo', url },
      `To rebuild: run the workflow again (workflow_dispatch); this run is ${url}.`,
    ],
    [{ platform: 'gitea' }, 'To rebuild: run the workflow again (workflow_dispatch).'],
    [
      { platform: 'github', url },
      `To rebuild: run the workflow again (workflow_dispatch); this run is ${url}.`,
    ],
    [{ platform: 'plain' }, undefined],
  ])('%j', (ci, hint) => {
    expect(rebuildHint('orphaned-index', ci)).toBe(hint)
  })
})

test('a cause that a push does not mend has no such hint', () => {
  for (const id of ['tag-missing', 'connection-refused', 'cert-expiring', 'bad-credentials']) {
    expect(rebuildHint(id, { platform: 'woodpecker', number: '#1' })).toBeUndefined()
  }
})

test('the hint stands at the cause in the report', () => {
  const ci: CiRun = { platform: 'woodpecker', number: '#366' }
  const [gone] = reportOf(manifestSees('arm64', absent()), { ci }).causes
  expect(gone).toMatchObject({ id: 'orphaned-index', rebuild: expect.stringContaining('pipeline 366') })
  const [silent] = reportOf(neverAnswered('connection-refused'), { ci }).causes
  expect(silent).not.toHaveProperty('rebuild')
})

import { describe, expect, test } from 'vitest'
import { rebuildHint } from '../../src/explain/rebuild.ts'
import type { CiRun } from '../../src/settings/ci/ci.ts'
import { neverAnswered } from '../report/changes.ts'
import { reportOf } from '../report/reports.ts'
import { absent, withManifest } from '../support/facts.ts'

const url = 'https://git.example.com/team/app/actions/runs/12'

describe('the rebuild hint uses the terms of the CI system', () => {
  const pipeline = 'https://ci.example.com/repos/7/pipeline/366'
  test.each<[CiRun, string | undefined]>([
    [
      { platform: 'woodpecker', event: 'push', number: '#366' },
      'To rebuild: restart pipeline 366, or start it again with the manual event.',
    ],
    [
      { platform: 'woodpecker', event: 'tag', subject: 'v1.2', number: '#366', url: pipeline },
      `To rebuild: restart pipeline 366, or start it again with the manual event: ${pipeline}`,
    ],
    [
      { platform: 'woodpecker' },
      'To rebuild: restart the pipeline, or start it again with the manual event.',
    ],
    [
      { platform: 'woodpecker', event: 'manual', number: '#366', url: pipeline },
      `To rebuild: restart the pipeline that pushed the image. This run was started manually and may only verify: ${pipeline}`,
    ],
    ...(['forgejo', 'gitea', 'github'] as const).flatMap((platform): [CiRun, string][] => [
      [
        { platform, event: 'push', url },
        `To rebuild: re-run all jobs of this run, or start the workflow manually (workflow_dispatch): ${url}`,
      ],
      [
        { platform, event: 'workflow_dispatch' },
        'To rebuild: restart the workflow run that pushed the image. This run was started manually and may only verify.',
      ],
    ]),
    [{ platform: 'plain' }, undefined],
  ])('%j', (ci, hint) => {
    expect(rebuildHint('orphaned-index', ci)).toBe(hint)
  })
})

test('a cause that a push does not fix has no hint', () => {
  for (const id of ['tag-missing', 'connection-refused', 'cert-expiring', 'bad-credentials']) {
    expect(rebuildHint(id, { platform: 'woodpecker', number: '#1' })).toBeUndefined()
  }
})

test('the hint is part of the cause in the report', () => {
  const ci: CiRun = { platform: 'woodpecker', number: '#366' }
  const [gone] = reportOf(withManifest('arm64', absent()), { ci }).causes
  expect(gone).toMatchObject({ id: 'orphaned-index', rebuild: expect.stringContaining('pipeline 366') })
  const [silent] = reportOf(neverAnswered('connection-refused'), { ci }).causes
  expect(silent).not.toHaveProperty('rebuild')
})

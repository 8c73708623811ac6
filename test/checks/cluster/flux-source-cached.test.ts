import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/flux-source-cached.ts'
import { judgeFlux } from '../../../src/facts/queries/cluster/flux.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterReport } from '../../support/cluster/cluster-reports.ts'
import { failingSource, releaseOf } from '../../support/cluster/flux-objects.ts'

const fluxOf = (...objects: Parameters<typeof judgeFlux>[0]) => ({
  ...clusterOf({}),
  flux: judgeFlux(objects, []),
})

test('a fetch that failed while all is ready with what was fetched before is a warning, which fails nothing', () => {
  const cluster = fluxOf(failingSource('app', { artifact: true }), releaseOf('app'))
  expect(faultsOf(check, cluster)).toMatchObject([
    {
      subject: 'OCIRepository flux-system/app',
      severity: 'warning',
      because: expect.stringContaining('the artifact that is in storage'),
    },
  ])
  expect(clusterReport(cluster)).toMatchObject({
    exitCode: 0,
    status: 'warn',
    cluster: { flux: { sources: [{ outcome: 'unaffected' }] } },
  })
})

test('a source that holds something up is left to flux-source-failing', () => {
  expect(
    faultsOf(
      check,
      fluxOf(failingSource('app', { artifact: true }), releaseOf('app', ['False', 'ArtifactFailed'])),
    ),
  ).toEqual([])
})

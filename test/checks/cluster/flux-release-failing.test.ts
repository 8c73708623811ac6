import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/flux-release-failing.ts'
import { judgeFlux } from '../../../src/facts/queries/cluster/flux.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { releaseOf } from '../../support/cluster/flux-objects.ts'
import { app, backOff, podOf, resolveError } from '../../support/cluster/objects.ts'

test('a release that fails while its pods wait for images may be a consequence of these', () => {
  const cluster = clusterOf({ pods: [podOf({ waiting: backOff(resolveError('EOF')) })] })
  const flux = judgeFlux([releaseOf('app', ['False', 'InstallFailed'])], cluster.pulls)
  expect(faultsOf(check, { ...cluster, flux })).toMatchObject([
    {
      subject: 'HelmRelease shop/of-app',
      severity: 'error',
      message: 'InstallFailed',
      because: expect.stringContaining(app),
      advice: expect.stringContaining('failed pulls first'),
    },
  ])
})

test('without these it is its own fault', () => {
  const flux = judgeFlux([releaseOf('app', ['False', 'ValuesError'])], [])
  expect(faultsOf(check, { ...clusterOf({}), flux })).toMatchObject([
    { message: 'ValuesError', advice: expect.stringContaining('flux events') },
  ])
})

test('one that waits for its source has no finding of its own', () => {
  const flux = judgeFlux([releaseOf('app', ['False', 'SourceNotReady'])], [])
  expect(faultsOf(check, { ...clusterOf({}), flux })).toEqual([])
})

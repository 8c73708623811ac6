import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/flux-release-failing.ts'
import { judgeFlux } from '../../../src/facts/queries/cluster/flux.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { failingSource, releaseOf } from '../../support/cluster/flux-objects.ts'
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

test('one that waits for a source that failed has no finding of its own', () => {
  const flux = judgeFlux([failingSource(), releaseOf('app', ['False', 'SourceNotReady'])], [])
  expect(faultsOf(check, { ...clusterOf({}), flux })).toEqual([])
})

test.each([
  ['not-seen', /was not found/, /namespaces/],
  ['suspended', /suspended/, /flux resume/],
  ['circular', /depends on itself/, /dependsOn/],
] as const)('what it waits for in vain is named: %s', (state, title, advice) => {
  const [failure] = judgeFlux([releaseOf('app', ['False', 'ValuesError'])], []).failures
  if (!failure) throw new Error('it has not failed')
  const blames = { name: 'OCIRepository flux-system/app', state }
  const flux = { ...judgeFlux([], []), failures: [{ ...failure, blames }] }
  expect(faultsOf(check, { ...clusterOf({}), flux })).toMatchObject([
    {
      severity: 'error',
      title: expect.stringMatching(title),
      because: expect.stringContaining('OCIRepository flux-system/app'),
      advice: expect.stringMatching(advice),
    },
  ])
})

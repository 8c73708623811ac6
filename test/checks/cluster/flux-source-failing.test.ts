import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/flux-source-failing.ts'
import { judgeFlux } from '../../../src/facts/queries/cluster/flux.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { failingSource, releaseOf } from '../../support/cluster/flux-objects.ts'

const fluxOf = (...objects: Parameters<typeof judgeFlux>[0]) => ({
  ...clusterOf({}),
  flux: judgeFlux(objects, []),
})

test('a source without an artifact is an error, with what waits for it', () => {
  expect(
    faultsOf(check, fluxOf(failingSource(), releaseOf('app', ['False', 'SourceNotReady']))),
  ).toMatchObject([
    {
      subject: 'OCIRepository flux-system/app',
      severity: 'error',
      message: 'connect: connection timed out, ghcr.io at 140.82.121.34; 1 object takes from it',
      evidence: [expect.stringContaining('i/o timeout'), 'waiting: HelmRelease shop/of-app'],
    },
  ])
})

test('a dozen sources of one host that fail alike have one cause', () => {
  const sources = Array.from({ length: 12 }, (_, at) => failingSource(`app-${at}`))
  const faults = faultsOf(check, fluxOf(...sources))
  expect(faults).toHaveLength(12)
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
})

test('a source that affects nothing, and a cluster without Flux, have none', () => {
  expect(faultsOf(check, fluxOf(failingSource('app', { artifact: true }), releaseOf('app')))).toEqual([])
  expect(faultsOf(check, clusterOf({}))).toEqual([])
})

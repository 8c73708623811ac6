import { describe, expect, test } from 'vitest'
import { judgeFlux } from '../../../../src/facts/queries/cluster/flux.ts'
import { clusterOf } from '../../../support/cluster/cluster-facts.ts'
import {
  failingSource,
  fetchFailed,
  fluxObject,
  releaseOf,
  timedOut,
} from '../../../support/cluster/flux-objects.ts'
import { backOff, podOf, resolveError } from '../../../support/cluster/objects.ts'

const judged = (...objects: ReturnType<typeof fluxObject>[]) => judgeFlux(objects, [])

describe('a source whose fetch failed', () => {
  test('with an artifact, and all that takes from it ready, affects nothing', () => {
    expect(judged(failingSource('app', { artifact: true }), releaseOf('app'))).toMatchObject({
      sources: [
        {
          ...{ name: 'OCIRepository flux-system/app', outcome: 'unaffected', hasArtifact: true },
          error: { kind: 'connection-timeout', phase: 'connect', host: 'ghcr.io', address: '140.82.121.34' },
          dependents: [{ name: 'HelmRelease shop/of-app', state: 'ready' }],
        },
      ],
      failures: [],
    })
  })

  test('without an artifact blocks what takes from it, which is not counted again', () => {
    expect(judged(failingSource(), releaseOf('app', ['False', 'SourceNotReady']))).toMatchObject({
      sources: [{ outcome: 'blocked', hasArtifact: false, dependents: [{ state: 'waiting' }] }],
      failures: [],
    })
  })

  test('whose specification changed since blocks, though an artifact of before is there', () => {
    const source = failingSource('app', { artifact: true, generation: 3, observed: 2 })
    expect(judged(source, releaseOf('app'))).toMatchObject({ sources: [{ outcome: 'blocked' }], stale: [] })
  })

  test('blocks a dependent whose own specification changed since', () => {
    const release = releaseOf('app', ['True', 'UpgradeSucceeded'], { generation: 5, observed: 4 })
    expect(judged(failingSource('app', { artifact: true }), release)).toMatchObject({
      sources: [{ outcome: 'blocked', dependents: [{ state: 'stale' }] }],
      stale: ['HelmRelease shop/of-app'],
    })
  })

  test('is found by Ready alone in versions without FetchFailed', () => {
    const source = failingSource('app', {
      conditions: [['Ready', 'False', 'OCIArtifactPullFailed', timedOut]],
    })
    expect(judged(source).sources).toHaveLength(1)
  })

  test('while it is being fetched is no failure', () => {
    expect(
      judged(failingSource('app', { conditions: [['Ready', 'Unknown', 'Progressing']] })).sources,
    ).toEqual([])
  })

  test('a chart that fails with its repository is one fault with it, and its releases are below', () => {
    const repository = fluxObject('HelmRepository', 'charts', {
      spec: { url: 'https://charts.example.com' },
      conditions: fetchFailed(
        'failed to fetch https://charts.example.com/index.yaml : 503 Service Unavailable',
        'IndexationFailed',
      ),
    })
    const chart = fluxObject('HelmChart', 'shop-api', {
      spec: { sourceRef: { kind: 'HelmRepository', name: 'charts' } },
      conditions: fetchFailed('no artifact', 'NoSourceArtifact'),
    })
    const release = fluxObject('HelmRelease', 'api', {
      namespace: 'shop',
      spec: { chart: { spec: {} } },
      status: { helmChart: 'flux-system/shop-api' },
      conditions: [['Ready', 'False', 'SourceNotReady']],
    })
    expect(judged(repository, chart, release)).toMatchObject({
      sources: [
        {
          name: 'HelmRepository flux-system/charts',
          error: { kind: 'registry-unavailable', status: 503, host: 'charts.example.com' },
          dependents: [{ name: 'HelmRelease shop/api', state: 'waiting' }],
        },
      ],
    })
  })

  test('a kustomization takes from its sourceRef, in its own namespace if none is named', () => {
    const kustomization = fluxObject('Kustomization', 'apps', {
      spec: { sourceRef: { kind: 'OCIRepository', name: 'app' } },
      conditions: [['Ready', 'False', 'ArtifactFailed']],
    })
    expect(judged(failingSource(), kustomization).sources[0]?.dependents).toEqual([
      { name: 'Kustomization flux-system/apps', state: 'waiting' },
    ])
  })
})

describe('a HelmRepository of type oci', () => {
  test.each([[[]], [[['Ready', 'False', 'Progressing', 'waiting to be reconciled']]]] as const)(
    'has no state of its own: %j',
    (conditions) => {
      const repository = fluxObject('HelmRepository', 'oci', {
        spec: { type: 'oci', url: 'oci://ghcr.io/charts' },
        conditions: conditions.map((one) => [...one] as [string, string, string, string]),
        observed: 0,
      })
      expect(judged(repository)).toMatchObject({ sources: [], stale: [], suspended: [] })
    },
  )
})

describe('a release', () => {
  test.each(['InstallFailed', 'UpgradeFailed', 'ValuesError', 'TestFailed', 'ChartMutateError'])(
    'fails by itself with %s',
    (reason) => {
      expect(judged(releaseOf('app', ['False', reason])).failures).toMatchObject([
        { name: 'HelmRelease shop/of-app', reason, pulls: [] },
      ])
    },
  )

  test.each(['SourceNotReady', 'ArtifactFailed', 'DependencyNotReady'])(
    'with %s is not to blame',
    (reason) => {
      expect(judged(releaseOf('app', ['False', reason])).failures).toEqual([])
    },
  )

  test('that is in progress has not failed', () => {
    expect(judged(releaseOf('app', ['Unknown', 'Progressing'])).failures).toEqual([])
  })

  test('whose pods wait for images is told with them', () => {
    const image = 'registry.example.com/team/app:1.2'
    const { pulls } = clusterOf({
      pods: [
        podOf({ namespace: 'shop', waiting: backOff(resolveError('EOF')) }),
        podOf({ namespace: 'other', image: 'a.b/c:1', waiting: backOff('EOF', 'a.b/c:1') }),
      ],
    })
    expect(judgeFlux([releaseOf('app', ['False', 'InstallFailed'])], pulls).failures).toMatchObject([
      { pulls: [image] },
    ])
  })

  test('that is suspended is said and not judged', () => {
    expect(
      judged(
        failingSource('app', { suspend: true }),
        releaseOf('app', ['False', 'InstallFailed'], { suspend: true }),
      ),
    ).toMatchObject({
      sources: [],
      failures: [],
      suspended: ['OCIRepository flux-system/app', 'HelmRelease shop/of-app'],
    })
  })

  test('whose status is of an older generation is unknown', () => {
    expect(
      judged(releaseOf('app', ['False', 'InstallFailed'], { generation: 9, observed: 8 })),
    ).toMatchObject({ failures: [], stale: ['HelmRelease shop/of-app'] })
  })
})

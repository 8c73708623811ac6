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
    const source = failingSource('app', { artifact: true, generation: 3, observed: 2, seen: 3 })
    expect(judged(source, releaseOf('app'))).toMatchObject({ sources: [{ outcome: 'blocked' }], stale: [] })
  })

  test('of before its last change says nothing of its present state', () => {
    const source = failingSource('app', { artifact: true, generation: 3, observed: 2 })
    expect(judged(source, releaseOf('app'))).toMatchObject({
      sources: [],
      stale: ['OCIRepository flux-system/app'],
    })
  })

  test('and that is stalled blocks: what was asked for last is never fetched', () => {
    const stalled = failingSource('app', {
      artifact: true,
      conditions: [
        ['Stalled', 'True', 'URLInvalid', 'invalid URL'],
        ...fetchFailed('invalid URL', 'URLInvalid'),
      ],
    })
    expect(judged(stalled, releaseOf('app'))).toMatchObject({
      sources: [{ outcome: 'blocked', dependents: [{ state: 'ready' }] }],
    })
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
      expect(judged(failingSource(), releaseOf('app', ['False', reason])).failures).toEqual([])
    },
  )

  test('that fails after a change is judged by its condition: its status stays at what succeeded last', () => {
    const changed = { generation: 5, observed: 4, seen: 5 }
    expect(judged(releaseOf('app', ['False', 'ValuesError'], changed))).toMatchObject({
      failures: [{ reason: 'ValuesError' }],
      stale: [],
    })
    // A new object was never observed; the default of Flux is -1.
    const kustomization = fluxObject('Kustomization', 'apps', {
      ...{ generation: 1, observed: -1, seen: 1 },
      spec: { sourceRef: { kind: 'GitRepository', name: 'apps' } },
      conditions: [['Ready', 'False', 'BuildFailed']],
    })
    expect(judged(kustomization)).toMatchObject({ failures: [{ reason: 'BuildFailed' }], stale: [] })
  })

  test('whose health checks were cancelled begins anew, and has not failed', () => {
    expect(judged(releaseOf('app', ['False', 'HealthCheckCanceled']))).toMatchObject({
      failures: [],
      stale: [],
    })
  })

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

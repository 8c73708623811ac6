import { describe, expect, test } from 'vitest'
import { judgeFlux } from '../../../../src/facts/queries/cluster/flux.ts'
import { failingSource, fluxObject, releaseOf } from '../../../support/cluster/flux-objects.ts'

const judged = (...objects: ReturnType<typeof fluxObject>[]) => judgeFlux(objects, [])

const source = (options: Parameters<typeof fluxObject>[2] = {}) =>
  fluxObject('OCIRepository', 'app', {
    artifact: true,
    conditions: [['Ready', 'True', 'Succeeded']],
    ...options,
  })

/** A release that is not ready, and what it depends on. */
const waiting = (name: string, dependsOn: string[], options: Parameters<typeof fluxObject>[2] = {}) =>
  fluxObject('HelmRelease', name, {
    namespace: 'shop',
    spec: { dependsOn: dependsOn.map((one) => ({ name: one })) },
    conditions: [['Ready', 'False', 'DependencyNotReady', 'dependency is not ready']],
    ...options,
  })

describe('a release that waits for its source', () => {
  test('stands below a source that failed', () => {
    expect(judged(failingSource(), releaseOf('app', ['False', 'SourceNotReady']))).toMatchObject({
      failures: [],
      sources: [{ outcome: 'blocked' }],
    })
  })

  test('that does not exist is named itself', () => {
    expect(judged(releaseOf('app', ['False', 'ArtifactFailed'])).failures).toMatchObject([
      {
        name: 'HelmRelease shop/of-app',
        blames: { name: 'OCIRepository flux-system/app', state: 'not-seen' },
      },
    ])
  })

  test('that is suspended with nothing in storage is named itself', () => {
    const suspended = source({ suspend: true, artifact: false, conditions: [] })
    expect(judged(suspended, releaseOf('app', ['False', 'SourceNotReady']))).toMatchObject({
      failures: [{ blames: { name: 'OCIRepository flux-system/app', state: 'suspended' } }],
      suspended: ['OCIRepository flux-system/app'],
    })
  })

  test('that is fetched for the first time has not failed', () => {
    const fetching = source({ artifact: false, conditions: [['Ready', 'Unknown', 'Progressing']] })
    expect(judged(fetching, releaseOf('app', ['False', 'SourceNotReady'])).failures).toEqual([])
  })

  test.each([
    ['kustomization path not found: stat /tmp/x: no such file or directory', 1],
    ['Source is not ready, artifact not found, retrying in 30s', 0],
    ['Source not ready: artifact not found. Retrying in 30s', 0],
  ])('which is there fails by itself, or asks again: %s', (message, count) => {
    const release = releaseOf('app', ['False', 'ArtifactFailed'], {
      conditions: [['Ready', 'False', 'ArtifactFailed', message]],
    })
    const { failures } = judged(source(), release)
    expect(failures).toHaveLength(count)
    for (const failure of failures) expect(failure.blames).toBeUndefined()
  })

  test('whose chart waits for a repository that is suspended stands below the chart', () => {
    const repository = fluxObject('HelmRepository', 'charts', { suspend: true })
    const chart = fluxObject('HelmChart', 'shop-api', {
      spec: { sourceRef: { kind: 'HelmRepository', name: 'charts' } },
      conditions: [['Ready', 'False', 'NoSourceArtifact', 'no artifact']],
    })
    const release = releaseOf('x', ['False', 'SourceNotReady'], {
      spec: { chartRef: { kind: 'HelmChart', name: 'shop-api', namespace: 'flux-system' } },
    })
    expect(judged(repository, chart, release)).toMatchObject({
      sources: [{ name: 'HelmChart flux-system/shop-api', outcome: 'blocked' }],
      failures: [],
    })
  })
})

describe('a release that waits for another one', () => {
  test('which fails, is in progress or is ready, is not named', () => {
    const states = [
      ['False', 'InstallFailed'],
      ['Unknown', 'Progressing'],
      ['True', 'InstallSucceeded'],
    ] as const
    for (const [status, reason] of states) {
      const other = waiting('b', [], { conditions: [['Ready', status, reason]] })
      const names = judged(waiting('a', ['b']), other).failures.map(({ name }) => name)
      expect(names).toEqual(reason === 'InstallFailed' ? ['HelmRelease shop/b'] : [])
    }
  })

  test.each([
    ['does not exist', [], { name: 'HelmRelease shop/b', state: 'not-seen' }],
    [
      'is suspended',
      [waiting('b', [], { suspend: true, conditions: [] })],
      { name: 'HelmRelease shop/b', state: 'suspended' },
    ],
    [
      'waits for it in turn',
      [waiting('b', ['c']), waiting('c', ['a'])],
      { name: 'HelmRelease shop/b', state: 'circular' },
    ],
  ])('which %s', (_, others, blames) => {
    expect(judged(waiting('a', ['b']), ...others).failures[0]).toMatchObject({
      name: 'HelmRelease shop/a',
      blames,
    })
  })

  test('which is suspended and ready holds up nothing', () => {
    const other = waiting('b', [], { suspend: true, conditions: [['Ready', 'True', 'InstallSucceeded']] })
    expect(judged(waiting('a', ['b']), other).failures).toEqual([])
  })
})

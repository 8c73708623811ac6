import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../src/report/schema.ts'
import {
  type CustomObject,
  customResources,
  deleteAll,
  installDefinitions,
  namespace,
  writeCustom,
} from '../../support/cluster/api-objects.ts'
import {
  type ApiServer,
  adminToken,
  startApiServer,
  suiteWithApiServer,
} from '../../support/cluster/api-server.ts'
import { fetchFailed, fluxItem, timedOut } from '../../support/cluster/flux-objects.ts'
import { reportCluster } from '../../support/cluster/read-cluster.ts'
import { externalSecret } from '../../support/cluster/secret-objects.ts'

type Options = NonNullable<Parameters<typeof fluxItem>[1]>

const object = (kind: string, name: string, options: Options = {}): CustomObject => ({
  kind,
  item: fluxItem(name, options),
})

const oci = (options: Options = {}, name = 'app') =>
  object('OCIRepository', name, {
    spec: { url: `oci://ghcr.io/team/${name}` },
    conditions: fetchFailed(),
    ...options,
  })
const fetched: Options = { artifact: true, conditions: [['Ready', 'True', 'Succeeded']] }

const chartRef = (kind: string, name = 'app') => ({ chartRef: { kind, name, namespace: 'flux-system' } })
/** A release of the source `app`, with the status and the reason of its condition. */
const release = (status: string, reason: string, options: Options = {}, name = 'api') =>
  object('HelmRelease', name, {
    ...{ namespace: 'shop', spec: chartRef('OCIRepository'), conditions: [[status, reason]] },
    ...options,
    conditions: options.conditions ?? [['Ready', status, reason]],
  })
const ready = (options: Options = {}) => release('True', 'UpgradeSucceeded', options)
const sourceNotReady = (spec: object) => release('False', 'SourceNotReady', { spec })
const kustomization = (conditions: Options['conditions'], options: Options = {}) =>
  object('Kustomization', 'apps', {
    ...{
      namespace: 'shop',
      spec: { sourceRef: { kind: 'OCIRepository', name: 'app', namespace: 'flux-system' } },
    },
    ...(conditions ? { conditions } : {}),
    ...options,
  })

const cached = 'warning flux-source-cached'
const failing = 'error flux-source-failing'
const own = 'error flux-release-failing'
const note = 'note flux-not-judged'

/** What is in the cluster, what regguard finds, and what of it is named as taking from a source. */
type Row = [what: string, objects: CustomObject[], found: string[], exitCode: number]

const changedSource = oci({ artifact: true, generation: 2, observed: 1, seen: 2 })
const reasons: [kind: string, reason: string][] = [
  ['OCIRepository', 'AuthenticationFailed'],
  ['OCIRepository', 'OCIArtifactPullFailed'],
  ['OCIRepository', 'OCIArtifactLayerOperationFailed'],
  ['OCIRepository', 'ReadOperationFailed'],
  ['HelmChart', 'ChartPullError'],
  ['HelmChart', 'SourceUnavailable'],
  ['HelmChart', 'NoSourceArtifact'],
]
const ownReasons = [
  ...['InstallFailed', 'UpgradeFailed', 'TestFailed', 'RollbackFailed', 'UninstallFailed'],
  ...['ValuesError', 'ChartMutateError', 'AccessDenied'],
]

const rows: Row[] = [
  [
    'a failed fetch, an artifact, and the release ready with it',
    [oci({ artifact: true }), ready()],
    [cached],
    0,
  ],
  [
    'a failed fetch, an artifact, and the kustomization ready with it',
    [oci({ artifact: true }), kustomization([['Ready', 'True', 'ReconciliationSucceeded']])],
    [cached],
    0,
  ],
  ['a failed fetch without an artifact', [oci(), sourceNotReady(chartRef('OCIRepository'))], [failing], 1],
  ['a failed fetch of what was asked for since', [changedSource, ready()], [failing], 1],
  [
    'a failed fetch, an artifact, and a release that changed since',
    [oci({ artifact: true }), ready({ generation: 2, observed: 1 })],
    [failing, note],
    1,
  ],
  [
    'a fetch that is not tried again, whatever is in storage',
    [
      oci({
        artifact: true,
        conditions: [
          ['Stalled', 'True', 'URLInvalid', 'invalid URL'],
          ...fetchFailed('invalid URL', 'URLInvalid'),
        ],
      }),
      ready(),
    ],
    [failing],
    1,
  ],
  ...reasons.map(
    ([kind, reason]): Row => [
      `${reason} of a ${kind}`,
      [object(kind, 'app', { conditions: fetchFailed(timedOut, reason) }), sourceNotReady(chartRef(kind))],
      [failing],
      1,
    ],
  ),
  ...[
    ['GitRepository', 'GitOperationFailed'] as const,
    ['Bucket', 'BucketOperationFailed'] as const,
    ['ExternalArtifact', 'BuildFailed'] as const,
  ].map(
    ([kind, reason]): Row => [
      `${reason} of a ${kind}`,
      [
        object(kind, 'app', { generation: 1, conditions: [['Ready', 'False', reason, 'failed']] }),
        kustomization([['Ready', 'False', 'ArtifactFailed', 'Source artifact not found, retrying in 30s']], {
          spec: { sourceRef: { kind, name: 'app', namespace: 'flux-system' } },
        }),
      ],
      [failing],
      1,
    ],
  ),
  [
    'a chart that fails with its repository',
    [
      object('HelmRepository', 'charts', {
        spec: { url: 'https://charts.example.com' },
        conditions: fetchFailed('failed to fetch: 503 Service Unavailable', 'IndexationFailed'),
      }),
      object('HelmChart', 'shop-api', {
        spec: { sourceRef: { kind: 'HelmRepository', name: 'charts' } },
        conditions: fetchFailed('no artifact available', 'NoSourceArtifact'),
      }),
      release('False', 'SourceNotReady', {
        spec: {
          chart: { spec: { chart: 'api', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
        },
        status: { helmChart: 'flux-system/shop-api' },
      }),
    ],
    [failing],
    1,
  ],
  ...ownReasons.map(
    (reason): Row => [`a release with ${reason}`, [oci(fetched), release('False', reason)], [own], 1],
  ),
  ...['SourceNotReady', 'ArtifactFailed', 'DependencyNotReady'].map(
    (reason): Row => [
      `a release with ${reason}, below its source`,
      [oci(), release('False', reason)],
      [failing],
      1,
    ],
  ),
  ['a release in progress', [oci(fetched), release('Unknown', 'Progressing')], [], 0],
  [
    'a release whose health checks begin anew',
    [oci(fetched), release('False', 'HealthCheckCanceled')],
    [],
    0,
  ],
  [
    'a release that asks again after a restart of source-controller',
    [
      oci(fetched),
      release('False', 'ArtifactFailed', {
        conditions: [
          ['Ready', 'False', 'ArtifactFailed', 'Source not ready: artifact not found. Retrying in 30s'],
        ],
      }),
    ],
    [],
    0,
  ],
  [
    'a kustomization whose path is not in the artifact',
    [oci(fetched), kustomization([['Ready', 'False', 'ArtifactFailed', 'kustomization path not found']])],
    [own],
    1,
  ],
  [
    'a kustomization that fails after a change: its status stays at the last success',
    [
      oci(fetched),
      kustomization([['Ready', 'False', 'BuildFailed', 'accumulating resources']], {
        ...{ generation: 2, observed: 1, seen: 2 },
      }),
    ],
    [own],
    1,
  ],
  [
    'a new kustomization that never succeeded',
    [
      oci(fetched),
      kustomization([['Ready', 'False', 'ReconciliationFailed']], { generation: 1, observed: -1, seen: 1 }),
    ],
    [own],
    1,
  ],
  ...['OCIRepository', 'HelmChart', 'ExternalArtifact'].map(
    (kind): Row => [
      `a release of a ${kind} that does not exist`,
      [sourceNotReady(chartRef(kind, 'none'))],
      [own],
      1,
    ],
  ),
  [
    'suspended objects',
    [oci({ suspend: true }), release('False', 'InstallFailed', { suspend: true })],
    [note],
    0,
  ],
  [
    'a status of an older generation',
    [oci(fetched), release('False', 'InstallFailed', { generation: 3, observed: 2 })],
    [note],
    0,
  ],
  [
    'a HelmRepository of type oci, which has no conditions',
    [
      object('HelmRepository', 'charts', {
        spec: { type: 'oci', url: 'oci://ghcr.io/charts' },
        observed: -1,
      }),
    ],
    [],
    0,
  ],
  [
    'a HelmRepository of type oci, with a condition of before its migration',
    [
      object('HelmRepository', 'charts', {
        ...{ spec: { type: 'oci', url: 'oci://ghcr.io/charts' }, observed: -1, seen: 2 },
        conditions: [['Ready', 'False', 'Progressing', 'waiting to be reconciled']],
      }),
    ],
    [],
    0,
  ],
  [
    'a new release that no controller has seen',
    [oci(fetched), release('', '', { status: {}, observed: -1, conditions: [] })],
    [note],
    0,
  ],
]

const found = ({ causes }: Report) => causes.map(({ severity, id }) => `${severity} ${id}`).toSorted()

suiteWithApiServer(describe)('Flux, as a real API server has it', () => {
  let api: ApiServer
  let admin = ''
  beforeAll(async () => {
    api = await startApiServer()
    admin = api.kubeconfig({ token: adminToken })
    await installDefinitions(api)
    for (const name of ['flux-system', 'shop']) await namespace(api, name)
  })
  afterAll(() => api?.stop())
  afterEach(() =>
    deleteAll(
      api,
      customResources.map(({ plural }) => plural),
    ),
  )

  test.each(rows)('%s', async (_, objects, expected, exitCode) => {
    for (const one of objects) await writeCustom(api, one)
    const report = await reportCluster(admin)
    expect(report.cluster?.notInspected).toEqual([])
    expect(found(report)).toEqual(expected.toSorted())
    expect(report.exitCode).toBe(exitCode)
    for (const source of report.cluster?.flux?.sources ?? [])
      expect(source.dependentCount, source.name).toBe(1)
  })

  test('twelve sources of one host that fail alike are one cause', async () => {
    for (let at = 0; at < 12; at += 1) await writeCustom(api, oci({ artifact: true }, `app-${at}`))
    const report = await reportCluster(admin)
    expect(found(report)).toEqual([cached])
    expect(report.cluster?.flux?.sources).toHaveLength(12)
  })

  test('in namespaces that were asked for, a source elsewhere is not seen, and what waits for it is named', async () => {
    await writeCustom(api, oci())
    await writeCustom(api, sourceNotReady(chartRef('OCIRepository')))
    const report = await reportCluster(admin, { namespaces: 'shop' })
    expect(found(report)).toEqual([own])
    expect(found(await reportCluster(admin, { namespaces: 'shop,flux-system' }))).toEqual([failing])
  })

  test('ExternalSecrets count only as a gate', async () => {
    const { metadata, spec, status } = externalSecret('regcred', 'False')
    await writeCustom(api, { kind: 'ExternalSecret', item: { metadata, spec, status } })
    expect(found(await reportCluster(admin))).toEqual([])
    const gated = await reportCluster(admin, { gates: 'secrets' })
    expect(found(gated)).toEqual(['error external-secret-failing'])
    expect(gated.exitCode).toBe(1)
  })
})

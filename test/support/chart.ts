import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { parseAllDocuments, stringify } from 'yaml'
import { findGoClient } from './go-programs.ts'
import type { KubernetesObject } from './kubernetes.ts'
import { findProgram } from './need.ts'

/** The folder of the chart. */
export const chart = fileURLToPath(new URL('../../deploy/helm/regguard', import.meta.url))

/** Helm, if it is here. */
export const helm = findGoClient('helm') ?? findProgram('helm')

/** Values of the chart. */
export type Values = Record<string, unknown>

/** What Helm makes of these values: objects, or the error. */
export async function renderChart(values: Values, name = 'watch'): Promise<KubernetesObject[]> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-chart-'))
  try {
    const file = join(directory, 'values.yaml')
    await writeFile(file, stringify(values))
    const { stdout } = await execa(helm ?? '', [
      ...['template', name, chart, '--namespace', 'registry', '--values', file],
    ])
    return parseAllDocuments(stdout)
      .map((document): KubernetesObject | null => document.toJS())
      .filter((object) => object !== null)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The least that the chart needs. */
export const registries: Values = { registries: ['registry.example.com', 'http://lan.example:5000'] }

/** All that a Deployment can be given. */
export const everything: Values = {
  ...registries,
  image: { digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry-login' }],
  settings: {
    ...{ interval: '5m', repo: ['registry.example.com/team/app', 'lan.example:5000/infra/*'] },
    ...{ concurrency: 64, newest_tags: 1000000, debug: true, registry: 'registry.example.com' },
  },
  secretSettings: { username: { name: 'login', key: 'name' }, password: { name: 'login', key: 'password' } },
  dockerConfigSecret: 'registry-login',
  caConfigMap: { name: 'internal-ca', key: 'root.pem' },
  acceptedFaults: [{ repository: 'old/app', id: 'layer-missing', reason: 'archived', expires: '2027-01-01' }],
  metricsToken: { name: 'tokens', key: 'metrics' },
  eventsToken: { name: 'tokens', key: 'events' },
  env: [{ name: 'HTTPS_PROXY', value: 'http://proxy.lan:3128' }],
  persistence: { enabled: true, storageClass: 'fast', size: '2Gi' },
  service: { annotations: { a: 'b' } },
  networkPolicy: {
    from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    ports: [3128],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
  },
  serviceMonitor: { enabled: true, interval: '1m', labels: { release: 'prometheus' } },
  rules: {
    ...{ enabled: true, labels: { role: 'alert-rules' }, runbookBaseUrl: 'https://git.example.com/docs/' },
    alertLabels: { team: 'platform' },
    alerts: {
      RegistryProofTooOld: {
        for: '1h',
        keepFiringFor: '10m',
        labels: { severity: 'info', notify: 'silent' },
      },
      RegistryStorageScanStale: { enabled: false },
      RegistryCatalogFlapping: { expr: 'vector(0) > 1' },
    },
  },
  dashboard: { enabled: true, annotations: { folder: 'CI' } },
  serviceAccountName: 'reader',
  priorityClassName: 'low',
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  podAnnotations: { note: 'x' },
  podLabels: { 'app.kubernetes.io/name': 'mine', tier: 'ci' },
  commonLabels: { 'app.kubernetes.io/instance': 'mine', owner: 'platform' },
}
const { persistence: _persistence, serviceMonitor: _monitor, ...withoutState } = everything
const { metricsToken: _metrics, eventsToken: _events, ...withoutServer } = withoutState
/** Jobs push what they found. */
export const pushed: Values = {
  kind: 'CronJob',
  settings: { pushgateway: 'http://pushgateway.monitoring:9091', registry: 'registry.example.com' },
}

/** Values for each kind of workload, with little and with everything. */
export const chartVariants: Record<string, Values> = {
  'a Deployment': registries,
  'a Deployment with everything': everything,
  'a Deployment with a claim of yours': {
    ...everything,
    persistence: { enabled: true, existingClaim: 'mine' },
  },
  'a Deployment with a PodMonitor': { ...withoutState, podMonitor: { enabled: true, labels: { a: 'b' } } },
  'a StatefulSet': { ...registries, kind: 'StatefulSet', shards: 3 },
  'a StatefulSet with everything': { ...everything, kind: 'StatefulSet', shards: 5 },
  'a CronJob': { ...registries, ...pushed },
  'a CronJob with everything': { ...withoutServer, ...pushed, persistence: { enabled: true } },
  'an Indexed Job': { ...withoutServer, ...pushed, shards: 4 },
}

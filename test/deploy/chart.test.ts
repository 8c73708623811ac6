import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseAccepted } from '../../src/settings/plan/accepted.ts'
import { planWatch } from '../../src/settings/plan/watch.ts'
import {
  chart,
  everything,
  helm,
  pushed,
  registries,
  renderChart as render,
  type Values,
  chartVariants as variants,
} from '../support/chart.ts'
import { settingsOf } from '../support/deployed.ts'
import { hasGo } from '../support/go-programs.ts'
import {
  forbiddenByRestricted,
  type KubernetesApi,
  type KubernetesObject,
  kubernetesApi,
  podOf,
} from '../support/kubernetes.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import { suiteWithout } from '../support/suite.ts'

const text = (name: string) => readFileSync(join(chart, name), 'utf8')

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-chart-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const workloads = ['Deployment', 'StatefulSet', 'CronJob']
const workloadOf = (objects: KubernetesObject[]): KubernetesObject => {
  const found = objects.filter(({ kind }) => workloads.includes(kind))
  expect(found.length).toBe(1)
  return found[0] as KubernetesObject
}

const suite =
  helm === undefined
    ? suiteWithout('needs helm, which .ci/run builds with Go', { mustRunInCi: hasGo })
    : describe

suite('the chart renders', () => {
  const rendered = new Map<string, KubernetesObject[]>()
  beforeAll(async () => {
    for (const [name, values] of Object.entries(variants)) rendered.set(name, await render(values))
  })
  const of = (name: string) => rendered.get(name) ?? []
  const all = Object.keys(variants)

  const api: KubernetesApi | undefined = kubernetesApi()
  const typed =
    api === undefined
      ? suiteWithout('needs the types of the API, which .ci/run downloads as Go modules', {
          mustRunInCi: hasGo,
        })
      : describe
  typed('what the API knows', () => {
    test.each(all)('%s', (name) => {
      expect(of(name).length).toBeGreaterThan(1)
      expect(of(name).flatMap((object) => api?.problemsOf(object))).toEqual([])
    })

    test('and it notices what the API does not', () => {
      const [object] = of('a StatefulSet')
      const broken = {
        ...object,
        kind: 'Service',
        apiVersion: 'v1',
        spec: { port: 1, ports: [{ port: '1' }] },
      }
      expect(api?.problemsOf(broken)).toEqual([
        'Service.spec.port: unknown',
        expect.stringContaining('Service.spec.ports[0].port: "1" is not'),
      ])
      const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' }
      expect(
        api?.problemsOf({ ...monitor, spec: { selector: {}, endpoints: [{ honourLabels: true }] } }),
      ).toEqual([expect.stringContaining('honourLabels')])
    })
  })

  test.each(all)('a restricted pod: %s', (name) => {
    const pod = podOf(workloadOf(of(name)))
    expect(forbiddenByRestricted(pod)).toEqual([])
    expect(pod.spec.automountServiceAccountToken).toBe(false)
    for (const { securityContext, resources } of pod.spec.containers) {
      expect(securityContext.readOnlyRootFilesystem).toBe(true)
      expect(resources.limits.memory).toBeDefined()
    }
  })

  test('and a pod that is not restricted would be noticed', () => {
    const pod = structuredClone(podOf(workloadOf(of('a Deployment'))))
    pod.spec.hostNetwork = true
    pod.spec.volumes.push({ name: 'host', hostPath: { path: '/' } })
    pod.spec.containers[0].securityContext = { privileged: true, capabilities: { add: ['NET_ADMIN'] } }
    pod.spec.containers[0].ports[0].hostPort = 9743
    pod.spec.securityContext = {}
    expect(forbiddenByRestricted(pod).length).toBe(9)
  })

  test.each(all)('selectors that find their pods, and only labels that nobody rewrites: %s', (name) => {
    const pod = podOf(workloadOf(of(name)))
    for (const { kind, spec } of of(name)) {
      const selector =
        kind === 'Service' ? spec.selector : (spec?.selector?.matchLabels ?? spec?.podSelector?.matchLabels)
      if (selector === undefined) continue
      expect(selector, kind).toEqual({
        'app.kubernetes.io/name': 'regguard',
        'app.kubernetes.io/instance': 'watch',
      })
      if (kind !== 'ServiceMonitor') expect(pod.metadata.labels, kind).toMatchObject(selector)
    }
    const service = of(name).find(({ kind }) => kind === 'Service')
    const monitor = of(name).find(({ kind }) => kind === 'ServiceMonitor')
    if (monitor) expect(service?.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels)
  })

  test.each(all)('settings that regguard accepts: %s', (name) => {
    const [container] = podOf(workloadOf(of(name))).spec.containers
    const variables: { name: string; value?: string }[] = container.env
    const env = Object.fromEntries(variables.map((one) => [one.name, one.value ?? 'from-a-secret']))
    const settings = settingsOf(container.args, env)
    const isJob = name.includes('Job')
    expect(settings).toMatchObject({ mode: 'watch', once: isJob, state_dir: '/var/lib/regguard' })
    const plan = planWatch(settings, [], {
      env: isJob ? { JOB_COMPLETION_INDEX: '3' } : {},
      hostName: name.includes('Stateful') ? 'watch-regguard-2' : 'watch-regguard-7f9c-x',
    })
    if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
    expect(plan.value.scopes.map(({ registry }) => registry)).toEqual([
      'registry.example.com',
      'lan.example:5000',
    ])
    expect(plan.value.listen?.port).toBe(isJob ? undefined : 9743)
    expect(plan.value.shard.index).toBe(settings.shards === 1 ? 0 : isJob ? 3 : 2)
  })

  test('the known faults in a file that regguard reads', () => {
    const map = of('a Deployment with everything').find(({ metadata }) => metadata.name.endsWith('-accepted'))
    expect(parseAccepted(map?.data['faults.json'])).toMatchObject({
      ok: true,
      value: [{ repository: 'old/app', id: 'layer-missing', reason: 'archived' }],
    })
  })

  test.each(all)('names that Kubernetes takes, with a namespace: %s', (name) => {
    const keys = of(name).map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(keys).size).toBe(keys.length)
    for (const { metadata } of of(name)) {
      expect(metadata.namespace).toBe('registry')
      expect(metadata.name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
    }
  })

  test('metrics whose labels no target replaces', () => {
    const monitors = all.flatMap(of).filter(({ kind }) => /Monitor$/.test(kind))
    expect(new Set(monitors.map(({ kind }) => kind))).toEqual(new Set(['ServiceMonitor', 'PodMonitor']))
    for (const { spec } of monitors)
      for (const endpoint of spec.endpoints ?? spec.podMetricsEndpoints)
        expect(endpoint).toMatchObject({ honorLabels: true, port: 'metrics', path: '/metrics' })
  })

  const policyIn = (objects: KubernetesObject[]) =>
    objects.find(({ kind }) => kind === 'NetworkPolicy')?.spec ?? {}
  const portsOf = (objects: KubernetesObject[]) =>
    policyIn(objects).egress[1].ports.map(({ port }: { port: number }) => port)

  test('a policy with the ports of the registries, the Pushgateway and those that were named', async () => {
    expect(portsOf(of('a Deployment'))).toEqual([443, 5000])
    expect(portsOf(of('an Indexed Job'))).toEqual([443, 5000, 9091, 3128])
    const settings = { repo: ['registry.example.com:8443/a', 'team/b'] }
    expect(portsOf(await render({ registries: ['http://r.lan'], settings }))).toEqual([443, 80, 8443])
  })

  test('a policy that lets DNS out by UDP and TCP, and Prometheus in', async () => {
    const dns = (port: number) => ({
      ports: [
        { port, protocol: 'UDP' },
        { port, protocol: 'TCP' },
      ],
    })
    expect(policyIn(of('a Deployment')).egress[0]).toEqual(dns(53))
    const openShift = await render({ ...registries, networkPolicy: { dnsPorts: [5353] } })
    expect(policyIn(openShift).egress[0]).toEqual(dns(5353))
    expect(policyIn(of('a Deployment')).ingress).toEqual([{ ports: [{ port: 'metrics' }] }])
    expect(policyIn(of('a Deployment with everything')).ingress).toMatchObject([
      {
        ports: [{ port: 'metrics' }],
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      },
    ])
    // A CronJob serves nothing.
    expect(policyIn(of('a CronJob')).ingress).toEqual([])
  })

  test('pods that are spread by their own labels, unless the values select others', async () => {
    const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }
    const selected = { ...spread, labelSelector: { matchLabels: { app: 'x' } } }
    const objects = await render({ ...registries, topologySpreadConstraints: [spread, selected] })
    const { matchLabels } = workloadOf(objects).spec.selector
    expect(podOf(workloadOf(objects)).spec.topologySpreadConstraints).toEqual([
      { ...spread, labelSelector: { matchLabels } },
      selected,
    ])
  })

  test('shards: a pod for each, which knows its number', () => {
    expect(workloadOf(of('a StatefulSet'))).toMatchObject({ spec: { replicas: 3 } })
    expect(workloadOf(of('an Indexed Job'))).toMatchObject({
      spec: { jobTemplate: { spec: { completionMode: 'Indexed', completions: 4, parallelism: 4 } } },
    })
    expect(workloadOf(of('a CronJob')).spec.jobTemplate.spec.completions).toBeUndefined()
  })

  test('a job that ends before the next one, and is not repeated', () => {
    const { spec } = workloadOf(of('a CronJob'))
    expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', schedule: '*/15 * * * *' })
    expect(spec.jobTemplate.spec.backoffLimit).toBe(0)
    expect(spec.jobTemplate.spec.activeDeadlineSeconds).toBeLessThan(15 * 60)
  })

  test('a long release name within the limit of a CronJob', async () => {
    const objects = await render(variants['a CronJob'] ?? {}, 'a'.repeat(53))
    expect(workloadOf(objects).metadata.name.length).toBeLessThanOrEqual(52)
  })

  test('what an installation without values lacks', async () => {
    await expect(render({})).rejects.toThrow(/missing property 'registries'|registries/)
  })

  describe('rules', () => {
    const rulesOf = (name: string): Record<string, unknown>[] =>
      of(name)
        .find(({ kind }) => kind === 'PrometheusRule')
        ?.spec.groups.flatMap(({ rules }: { rules: object[] }) => rules) ?? []
    const rule = (alert: string) =>
      rulesOf('a Deployment with everything').filter((one) => one.alert === alert)

    test('changed as the values say, and with the address of the runbooks', () => {
      expect(rule('RegistryProofTooOld')).toMatchObject([
        {
          ...{ for: '1h', keep_firing_for: '10m' },
          labels: { severity: 'info', notify: 'silent', team: 'platform' },
          annotations: { runbook_url: 'https://git.example.com/docs/alerts.md#registryprooftooold' },
        },
      ])
      expect(rule('RegistryStorageScanStale')).toEqual([])
      expect(rule('RegistryCatalogFlapping')).toMatchObject([{ expr: 'vector(0) > 1', for: '5m' }])
      expect(rule('RegistryManifestIntegrityFailure')).toMatchObject([
        { labels: { severity: 'critical', team: 'platform' } },
      ])
    })

    test('one for each registry whose metrics are missing', () => {
      expect(rule('RegistryIntegrityProbeMissing').map(({ labels }) => labels)).toMatchObject([
        { registry: 'registry.example.com' },
        { registry: 'lan.example:5000' },
      ])
    })

    test('without an address, no runbooks', async () => {
      const objects = await render({ ...registries, rules: { enabled: true } })
      const texts = stringify(objects.filter(({ kind }) => kind === 'PrometheusRule'))
      expect(texts).not.toContain('runbook_url')
      expect(texts).toContain('summary')
    })

    suiteNeeds(['promtool'])('in Prometheus', () => {
      test('are accepted, and a registry that never reported is named', async () => {
        const rules = of('a Deployment with everything').find(({ kind }) => kind === 'PrometheusRule')
        await writeFile(join(directory, 'rules.yaml'), stringify(rules?.spec))
        const firing = (registry: string) => ({
          labels: `ALERTS{alertname="RegistryIntegrityProbeMissing",alertstate="firing",registry="${registry}",severity="warning",team="platform"}`,
          value: 1,
        })
        const series = 'regguard_probe_last_success_timestamp_seconds{registry="lan.example:5000"}'
        const tested = {
          rule_files: ['rules.yaml'],
          evaluation_interval: '1m',
          tests: [
            {
              interval: '1m',
              input_series: [{ series, values: '1+60x60' }],
              promql_expr_test: [
                {
                  expr: 'ALERTS{alertstate="firing"}',
                  eval_time: '30m',
                  exp_samples: [firing('registry.example.com')],
                },
              ],
            },
          ],
        }
        await writeFile(join(directory, 'rules-test.yaml'), stringify(tested))
        const { exitCode, all: output } = await execa(
          findProgram('promtool') ?? '',
          ['test', 'rules', join(directory, 'rules-test.yaml')],
          { all: true, reject: false },
        )
        expect(exitCode, output).toBe(0)
      })
    })
  })
})

describe('the schema of the values', async () => {
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
    JSON.parse(text('values.schema.json')),
  )
  const errorsOf = (values: Values) =>
    validate(values)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) =>
            `${instancePath} ${message}${'additionalProperty' in params ? ` (${params.additionalProperty})` : ''}`,
        )
  const invalid: { values: Values; error: string }[] = parse(
    readFileSync(new URL('invalid-values.yaml', import.meta.url), 'utf8'),
  )

  test('accepts the defaults, once registries are named', () => {
    expect(errorsOf({ ...parse(text('values.yaml')), ...registries })).toEqual([])
  })

  test.each(Object.entries(variants))('accepts %s', (_, values) => {
    expect(errorsOf(values)).toEqual([])
  })

  test.each(invalid.map(({ values, error }) => [error, values] as const))('rejects: %s', (error, values) => {
    expect(errorsOf({ ...registries, ...values }).join('\n')).toContain(error)
  })

  test('has no object with unknown names', () => {
    const open: string[] = []
    const visit = (schema: Record<string, unknown>, path: string) => {
      if (schema.properties !== undefined && schema.additionalProperties !== false) open.push(path)
      for (const [key, value] of Object.entries(schema))
        if (typeof value === 'object' && value !== null)
          visit(value as Record<string, unknown>, `${path}/${key}`)
    }
    visit(JSON.parse(text('values.schema.json')), '')
    // Objects of Kubernetes and of Helm, whose fields are theirs.
    const theirs =
      /\/(env|acceptedFaults|from|egress|tolerations|topologySpreadConstraints)\/items$|\/(resources|affinity|global)$/
    expect(open.filter((path) => !theirs.test(path))).toEqual([])
  })

  suite('Helm', () => {
    const contradictions: [Values, RegExp][] = [
      [{ shards: 3 }, /shards needs kind: StatefulSet/],
      [{ kind: 'CronJob' }, /needs settings\.pushgateway/],
      [{ ...pushed, shards: 2, persistence: { enabled: true } }, /would share one state/],
      [{ kind: 'StatefulSet', persistence: { existingClaim: 'x' } }, /have a claim each/],
      [{ ...pushed, serviceMonitor: { enabled: true } }, /serves no metrics/],
      [{ ...pushed, metricsToken: { name: 'x', key: 'token' } }, /serves nothing/],
      [{ serviceMonitor: { enabled: true }, podMonitor: { enabled: true } }, /everything twice/],
      [
        { settings: { username: 'x' }, secretSettings: { username: { name: 'login', key: 'name' } } },
        /username is in settings and in secretSettings/,
      ],
    ]
    test.each(contradictions)('rejects %o', async (values, error) => {
      await expect(render({ ...registries, ...values })).rejects.toThrow(error)
    })

    test('reads the schema', async () => {
      await expect(render({ ...registries, replicas: 2 })).rejects.toThrow(/'replicas' not allowed/)
    })

    test('finds nothing to complain about', async () => {
      const file = join(directory, 'lint.yaml')
      await writeFile(file, stringify(everything))
      await execa(helm ?? '', ['lint', '--strict', chart, '--values', file])
    })
  })
})

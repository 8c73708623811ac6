import { globSync, readdirSync, readFileSync } from 'node:fs'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { chartVariants, helm, renderChart } from '../../support/chart.ts'
import { installDefinitions, namespace, placeOf } from '../../support/cluster/api-objects.ts'
import { type ApiServer, startApiServer, suiteWithApiServer } from '../../support/cluster/api-server.ts'
import { deployFolder } from '../../support/deployed.ts'
import { findGoClient, goModule } from '../../support/go-programs.ts'
import { type KubernetesObject, podOf } from '../../support/kubernetes.ts'
import { findProgram } from '../../support/need.ts'
import { suiteWithout } from '../../support/suite.ts'

const folder = deployFolder.pathname
const objectsIn = (yaml: string): KubernetesObject[] =>
  parseAllDocuments(yaml)
    .map((one) => one.toJS())
    .filter((one) => one !== null)

const enforced = 'pod-security.kubernetes.io/enforce'
const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job']

const kustomize = findGoClient('kustomize') ?? findProgram('kustomize')
const [operator] = globSync(
  goModule('github.com/prometheus-operator/prometheus-operator@*/example/prometheus-operator-crd'),
)

suiteWithApiServer(describe)('what deploy/ holds, at a real API server', () => {
  let api: ApiServer
  beforeAll(async () => {
    api = await startApiServer()
    if (operator !== undefined) await installDefinitions(api, monitoring(operator))
    await api.must('/apis/scheduling.k8s.io/v1/priorityclasses', {
      method: 'POST',
      body: {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'low' },
        value: 1,
      },
    })
  })
  afterAll(() => api?.stop())

  /** What the server says against objects: refusals and warnings. Nothing is stored but their namespaces. */
  async function complaints(objects: KubernetesObject[]): Promise<string[]> {
    const spaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))
    for (const name of spaces) {
      const own = objects.find((one) => one.kind === 'Namespace' && one.metadata.name === name)
      await namespace(api, name)
      const labels = { [enforced]: own?.metadata.labels?.[enforced] ?? 'restricted' }
      await api.must(`/api/v1/namespaces/${name}`, {
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json', body: { metadata: { labels } } },
      })
    }
    const pods = objects
      .filter(({ kind }) => workloads.includes(kind))
      .map((one): KubernetesObject => {
        const { metadata, spec } = podOf(one)
        const { namespace: space, name } = one.metadata
        const restartPolicy = spec.restartPolicy ?? 'Always'
        // A StatefulSet gives each pod its own claims.
        const claims: KubernetesObject[] = one.spec.volumeClaimTemplates ?? []
        const own = claims.map(({ metadata: { name: claimName } }) => ({
          ...{ name: claimName, persistentVolumeClaim: { claimName } },
        }))
        const volumes = [...(spec.volumes ?? []), ...own]
        return {
          ...{ apiVersion: 'v1', kind: 'Pod', spec: { ...spec, restartPolicy, volumes } },
          metadata: { ...metadata, name, namespace: space },
        }
      })
    const found: string[] = []
    for (const object of [...objects, ...pods]) {
      const { kind, metadata } = object
      const { root, plural, namespaced } = await placeOf(api, object.apiVersion, kind)
      const path = `${root}${namespaced ? `/namespaces/${metadata.namespace}` : ''}/${plural}/${metadata.name}`
      const answer = await api.ask(`${path}?dryRun=All&fieldManager=test&force=true&fieldValidation=Strict`, {
        ...{ method: 'PATCH', contentType: 'application/apply-patch+yaml', body: object },
      })
      const { warning } = answer.headers
      if (answer.status >= 300)
        found.push(`${kind} ${metadata.name}: ${answer.status} ${answer.body?.message}`)
      if (warning !== undefined) found.push(`${kind} ${metadata.name}: ${warning}`)
    }
    return found
  }

  test('it refuses what it does not know, and pods beyond the standard of their namespace', async () => {
    const metadata = { name: 'x', namespace: 'strict' }
    const pod = (more: object): KubernetesObject => ({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata },
      spec: { containers: [{ name: 'x', image: 'x' }], ...more },
    })
    expect(await complaints([pod({ hostNetwork: true })])).toEqual([
      expect.stringMatching(/403 .*violates PodSecurity "restricted:latest"/),
    ])
    expect(await complaints([pod({ hostNetwrk: true })])).toEqual([expect.stringMatching(/hostNetwrk/)])
  })

  test.each(readdirSync(`${folder}kubernetes`))('accepts kubernetes/%s', async (name) => {
    const objects = objectsIn(readFileSync(`${folder}kubernetes/${name}`, 'utf8'))
    expect(objects.length).toBeGreaterThan(0)
    expect(await complaints(objects)).toEqual([])
  })

  const withOperator = (suite: typeof describe) =>
    operator === undefined
      ? suiteWithout('needs the definitions of the Prometheus operator, which .ci/run downloads', {
          mustRunInCi: false,
        })
      : suite
  const charts =
    helm === undefined ? suiteWithout('needs helm', { mustRunInCi: false }) : withOperator(describe)
  charts('the chart', () => {
    test.each(Object.entries(chartVariants))('%s', async (_, values) => {
      const objects = await renderChart(values)
      expect(objects.length).toBeGreaterThan(1)
      expect(await complaints(objects)).toEqual([])
    })
  })

  const overlays =
    kustomize === undefined ? suiteWithout('needs kustomize', { mustRunInCi: false }) : withOperator(describe)
  overlays('kustomize', () => {
    test.each(['base', 'monitoring', 'example'])('%s', async (part) => {
      const { stdout } = await execa(kustomize ?? '', ['build', `${folder}kustomize/${part}`])
      const objects = objectsIn(stdout).map((one) => ({
        ...one,
        metadata: { namespace: 'registry', ...one.metadata },
      }))
      expect(objects.length).toBeGreaterThan(0)
      expect(await complaints(objects)).toEqual([])
    })
  })
})

/** The definitions of what the chart has for the Prometheus operator. */
function monitoring(operator: string): KubernetesObject[] {
  return ['servicemonitors', 'podmonitors', 'prometheusrules'].map((plural) =>
    parse(readFileSync(`${operator}/monitoring.coreos.com_${plural}.yaml`, 'utf8')),
  )
}

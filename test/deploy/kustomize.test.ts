import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { renderKustomize } from '../../scripts/kustomize/render.ts'
import { findGoClient, hasGo } from '../support/go-programs.ts'
import { forbiddenByRestricted, type KubernetesObject, kubernetesApi, podOf } from '../support/kubernetes.ts'
import { findProgram } from '../support/need.ts'
import { suiteWithout } from '../support/suite.ts'

const folder = fileURLToPath(new URL('../../deploy/kustomize/', import.meta.url))
const suiteWith = (name: string, program: string | undefined) =>
  program === undefined
    ? suiteWithout(`needs ${name}, which .ci/run builds with Go`, { mustRunInCi: hasGo })
    : describe

const helm = findGoClient('helm') ?? findProgram('helm')
suiteWith('helm', helm)('the objects for kustomize', () => {
  test('are those of the chart: npm run kustomize', async () => {
    const rendered = await renderKustomize(helm ?? '')
    const written = ['base', 'monitoring'].flatMap((part) =>
      readdirSync(folder + part)
        .filter((name) => name !== 'kustomization.yaml')
        .map((name) => [`${part}/${name}`, readFileSync(`${folder}${part}/${name}`, 'utf8')] as const),
    )
    expect(new Map(written)).toEqual(rendered)
  })
})

const kustomize = findGoClient('kustomize') ?? findProgram('kustomize')
suiteWith('kustomize', kustomize)('the example of an overlay', () => {
  const build = async (part: string): Promise<KubernetesObject[]> => {
    const { stdout } = await execa(kustomize ?? '', ['build', folder + part])
    return parseAllDocuments(stdout).map((document) => document.toJS())
  }

  test('builds, with what it changes', async () => {
    const objects = await build('example')
    const of = (kind: string) => objects.find((object) => object.kind === kind)
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
      ...['ConfigMap', 'Deployment', 'NetworkPolicy', 'PrometheusRule', 'Service', 'ServiceMonitor'],
    ])
    for (const { metadata } of objects) expect(metadata.namespace).toBe('registry')
    const pod = podOf(of('Deployment') as KubernetesObject)
    expect(forbiddenByRestricted(pod)).toEqual([])
    const env = new Map(pod.spec.containers[0].env.map((one: { name: string }) => [one.name, one]))
    expect(env.get('PLUGIN_REGISTRIES')).toMatchObject({ value: 'registry.example.com:5000' })
    expect(env.get('PLUGIN_PASSWORD')).toHaveProperty('valueFrom.secretKeyRef')
    expect(env.get('PLUGIN_STATE_DIR')).toMatchObject({ value: '/var/lib/regguard' })
    expect(of('NetworkPolicy')?.spec.egress.at(-1)).toEqual({ ports: [{ port: 5000 }] })
    const api = kubernetesApi()
    expect(objects.flatMap((object) => api?.problemsOf(object) ?? [])).toEqual([])
  })

  test('and the base alone, without the objects of an operator', async () => {
    const objects = await build('base')
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual(['Deployment', 'NetworkPolicy', 'Service'])
  })
})

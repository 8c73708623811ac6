import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { clusterResources } from '../../../src/facts/cluster/rights.ts'
import type { KubernetesObject } from '../kubernetes.ts'
import { until } from '../until.ts'
import type { ApiServer } from './api-server.ts'

/** The resources that are not Kubernetes' own. */
export const customResources = Object.entries(clusterResources).flatMap(([plural, info]) =>
  info.group === ''
    ? []
    : [{ plural, group: info.group, kind: 'flux' in info ? info.flux : 'ExternalSecret' }],
)

/** Where objects of a kind are. */
export interface Place {
  root: string
  plural: string
  namespaced: boolean
}

/** Where the API server has the objects of a kind, by its discovery. */
export async function placeOf(api: ApiServer, apiVersion: string, kind: string): Promise<Place> {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const { body } = await api.must(root)
  const resource = body.resources.find(
    (one: { kind: string; name: string }) => one.kind === kind && !one.name.includes('/'),
  )
  if (!resource) throw new Error(`${apiVersion} has no ${kind}`)
  return { root, plural: resource.name, namespaced: resource.namespaced }
}

const pathOf = ({ root, plural }: Place, namespace?: string, name?: string): string =>
  [root, ...(namespace ? ['namespaces', namespace] : []), plural, ...(name ? [name] : [])].join('/')

/** Creates an object, and its status where it has one, as controllers do. */
export async function create(api: ApiServer, object: KubernetesObject): Promise<void> {
  const place = await placeOf(api, object.apiVersion, object.kind)
  const path = pathOf(place, place.namespaced ? object.metadata.namespace : undefined)
  const made = await api.must(path, { method: 'POST', body: object })
  if (object.status === undefined || object.kind === 'Event') return
  await api.must(`${path}/${object.metadata.name}/status`, {
    method: 'PUT',
    body: { ...made.body, status: object.status },
  })
}

/** Creates a namespace if there is none. */
export async function namespace(api: ApiServer, name: string, labels: object = {}): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
  const answer = await api.ask('/api/v1/namespaces', { method: 'POST', body })
  if (answer.status !== 201 && answer.status !== 409) throw new Error(answer.text)
}

/** Creates or replaces what a file of `deploy/` holds. */
export async function applyAll(api: ApiServer, yaml: string): Promise<void> {
  for (const document of parseAllDocuments(yaml)) {
    const object: KubernetesObject = document.toJS()
    const place = await placeOf(api, object.apiVersion, object.kind)
    const path = pathOf(place, place.namespaced ? object.metadata.namespace : undefined, object.metadata.name)
    await api.must(`${path}?fieldManager=test&force=true&fieldValidation=Strict`, {
      ...{ method: 'PATCH', contentType: 'application/apply-patch+yaml' },
      body: object,
    })
  }
}

/** Deletes all objects of these kinds, in all namespaces. */
export async function deleteAll(api: ApiServer, plurals: string[]): Promise<void> {
  for (const plural of plurals) {
    const root = rootOf(plural)
    const { body } = await api.must(`${root}/${plural}`)
    for (const { metadata } of body.items)
      await api.must(pathOf({ root, plural, namespaced: true }, metadata.namespace, metadata.name), {
        ...{ method: 'DELETE', body: { gracePeriodSeconds: 0 } },
      })
  }
}

const versions: Record<string, string> = { 'helm.toolkit.fluxcd.io': 'v2' }

function rootOf(plural: string): string {
  const found = customResources.find((one) => one.plural === plural)
  return found ? `/apis/${found.group}/${versions[found.group] ?? 'v1'}` : '/api/v1'
}

const interval = '1h'
/** What the definitions of Flux and External Secrets require in a specification. */
const required: Record<string, object> = {
  OCIRepository: { url: 'oci://ghcr.io/team/app', interval },
  HelmRepository: { url: 'https://charts.example.com' },
  HelmChart: { interval, chart: 'app', sourceRef: { kind: 'HelmRepository', name: 'charts' } },
  GitRepository: { interval, url: 'https://git.example.com/team/app' },
  Bucket: { interval, bucketName: 'app', endpoint: 's3.example.com' },
  HelmRelease: { interval },
  Kustomization: { interval, prune: true },
  ExternalSecret: { data: [{ secretKey: 'key', remoteRef: { key: 'team/app' } }] },
}

/** An object of Flux or External Secrets, as the helpers of the tests make them. */
export interface CustomObject {
  kind: string
  item: {
    metadata: { name: string; namespace: string; generation?: number }
    spec: object
    status: object
  }
}

/**
 * Writes an object of Flux as its author and its controller do: the server counts the generation, by one for each change of the
 * specification.
 */
export async function writeCustom(api: ApiServer, { kind, item }: CustomObject): Promise<void> {
  const found = customResources.find((one) => one.kind === kind)
  if (!found) throw new Error(`${kind} is no kind of Flux`)
  const root = rootOf(found.plural)
  const { name, namespace, generation = 1 } = item.metadata
  const path = `${root}/namespaces/${namespace}/${found.plural}`
  const apiVersion = root.replace('/apis/', '')
  const spec = { ...required[kind], ...item.spec }
  const object = { apiVersion, kind, metadata: { name, namespace }, spec }
  let last = await api.must(path, { method: 'POST', body: object })
  for (let change = 2; change <= generation; change += 1)
    last = await api.must(`${path}/${name}`, {
      method: 'PUT',
      body: { ...last.body, spec: { ...spec, interval: `${change}h` } },
    })
  if (last.body.metadata.generation !== generation)
    throw new Error(`generation ${last.body.metadata.generation}, not ${generation}`)
  if (Object.keys(item.status).length > 0)
    await api.must(`${path}/${name}/status`, { method: 'PUT', body: { ...last.body, status: item.status } })
}

/**
 * A definition of a resource of Flux or External Secrets with the versions that they serve: its fields are free, its generation counts changes of
 * the specification, and its status is a subresource, as there (source-controller 39b711b1, helm-controller 0f61a86, kustomize-controller
 * 186fb3b, external-secrets 1.3.2).
 */
export function definitionOf(plural: string, served?: string[]): KubernetesObject {
  const found = customResources.find((one) => one.plural === plural)
  if (!found) throw new Error(`${plural} is no resource of Flux`)
  const { group, kind } = found
  const names = served ?? [versions[group] ?? 'v1']
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: 'Namespaced' },
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: names.map((name, at) => ({
        ...{ name, served: true, storage: at === 0, subresources: { status: {} } },
        schema: { openAPIV3Schema: freeObject },
      })),
    },
  }
}

const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const freeObject = {
  type: 'object',
  properties: {
    spec: free,
    // New objects have not been observed: Flux has this default in its definitions.
    status: { ...free, default: { observedGeneration: -1 } },
  },
}

/**
 * The definitions of a folder, such as those that Flux and External Secrets publish; else our own. The objects of the tests are valid by both.
 */
function definitions(folder = process.env.REGGUARD_CRDS): KubernetesObject[] {
  if (folder === undefined) return customResources.map(({ plural }) => definitionOf(plural))
  return readdirSync(folder).map((name) => parse(readFileSync(join(folder, name), 'utf8')))
}

/** Installs definitions, all if none are named, and waits until their lists are served. */
export async function installDefinitions(
  api: ApiServer,
  which: KubernetesObject[] = definitions(),
): Promise<void> {
  for (const body of which)
    await api.must('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { method: 'POST', body })
  for (const { spec } of which)
    for (const { name, served } of spec.versions)
      if (served)
        await until(`${spec.names.plural} are served`, async () => {
          const list = `/apis/${spec.group}/${name}/${spec.names.plural}`
          const discovered = await api.ask(`/apis/${spec.group}`)
          return discovered.status === 200 && (await api.ask(list)).status === 200
        })
}

import { globSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { goModule } from './go-programs.ts'

/** An object as Kubernetes reads it. */
// biome-ignore lint/suspicious/noExplicitAny: it has any fields; the tests look into it.
export type KubernetesObject = { apiVersion: string; kind: string } & Record<string, any>

/** What the API of Kubernetes would not know in an object, by the types of its Go client and the CRDs of the Prometheus operator. */
export interface KubernetesApi {
  problemsOf(object: KubernetesObject): string[]
}

/** The types of the API, or undefined where .ci/run has not downloaded them. */
export function kubernetesApi(): KubernetesApi | undefined {
  const [client] = globSync(goModule('k8s.io/client-go@*/applyconfigurations/internal/internal.go'))
  const [operator] = globSync(
    goModule('github.com/prometheus-operator/prometheus-operator@*/example/prometheus-operator-crd'),
  )
  if (client === undefined || operator === undefined) return undefined
  const types = typesOf(client)
  return {
    problemsOf: (object) =>
      object.apiVersion.startsWith('monitoring.coreos.com/')
        ? crdProblems(operator, object)
        : typeProblems(types, typeNameOf(object), object, object.kind),
  }
}

interface Type {
  scalar?: string
  namedType?: string
  list?: { elementType: Type }
  map?: { fields?: { name: string; type: Type }[]; elementType?: Type }
}

/** The types for server-side apply, which the client has as YAML in a Go string. */
function typesOf(file: string): Map<string, Type> {
  const [, text = ''] = /YAMLObject\(`([^`]*)`\)/.exec(readFileSync(file, 'utf8')) ?? []
  const { types }: { types: ({ name: string } & Type)[] } = parse(text)
  return new Map(types.map(({ name, ...type }) => [name, type]))
}

function typeNameOf({ apiVersion, kind }: KubernetesObject): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion]
  return `io.k8s.api.${group?.split('.')[0]}.${version}.${kind}`
}

/** A name that nobody knows, or a value of another kind. */
function typeProblems(types: Map<string, Type>, name: string, value: unknown, at: string): string[] {
  const type = types.get(name)
  if (type === undefined) return [`${at}: there is no ${name}`]
  return valueProblems(types, type, value, at)
}

function valueProblems(types: Map<string, Type>, type: Type, value: unknown, at: string): string[] {
  if (type.namedType !== undefined) return typeProblems(types, type.namedType, value, at)
  const { scalar, list, map } = type
  if (scalar === 'untyped') return []
  if (scalar !== undefined && typeof value === (scalar === 'numeric' ? 'number' : scalar)) return []
  if (list && Array.isArray(value))
    return value.flatMap((item, n) => valueProblems(types, list.elementType, item, `${at}[${n}]`))
  if (map && typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => {
      const field = map.fields?.find(({ name }) => name === key)?.type ?? map.elementType
      return field ? valueProblems(types, field, inner, `${at}.${key}`) : [`${at}.${key}: unknown`]
    })
  return [`${at}: ${JSON.stringify(value)} is not ${JSON.stringify(type).slice(0, 60)}`]
}

function crdProblems(folder: string, object: KubernetesObject): string[] {
  const file = `${folder}/monitoring.coreos.com_${object.kind.toLowerCase()}s.yaml`
  const { spec } = parse(readFileSync(file, 'utf8'))
  const { schema } = spec.versions.find(({ name }: { name: string }) =>
    object.apiVersion.endsWith(`/${name}`),
  )
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
    closed(schema.openAPIV3Schema),
  )
  const { metadata: _, ...rest } = object
  return validate({ ...rest, metadata: {} })
    ? []
    : (validate.errors ?? []).map((error) => JSON.stringify(error))
}

/** The schema without room for fields that it does not name; the server would drop them in silence. */
function closed(schema: unknown): object {
  if (Array.isArray(schema)) return schema.map((one) => (typeof one === 'object' ? closed(one) : one))
  const copy = Object.fromEntries(
    Object.entries(schema as object)
      // Expressions of Go, which JavaScript cannot read.
      .filter(([key, value]) => !(key === 'pattern' && String(value).includes('(?i)')))
      .map(([key, value]) => [key, typeof value === 'object' && value !== null ? closed(value) : value]),
  )
  return 'properties' in copy && !('additionalProperties' in copy) && copy.type === 'object'
    ? { ...copy, additionalProperties: false }
    : copy
}

/** The pod of a workload, whatever its kind. */
export function podOf({ kind, spec }: KubernetesObject): KubernetesObject {
  return kind === 'CronJob' ? spec.jobTemplate.spec.template : spec.template
}

/** Volumes that the restricted standard allows. */
const allowedVolumes = [
  ...[
    'configMap',
    'csi',
    'downwardAPI',
    'emptyDir',
    'ephemeral',
    'persistentVolumeClaim',
    'projected',
    'secret',
  ],
]

/** What the pod security standard “restricted” forbids in a pod (kubernetes.io, Pod Security Standards). */
export function forbiddenByRestricted({ spec }: KubernetesObject): string[] {
  const { securityContext: pod = {}, volumes = [], containers, initContainers = [] } = spec
  const found = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true)
  for (const volume of volumes)
    for (const kind of Object.keys(volume))
      if (kind !== 'name' && !allowedVolumes.includes(kind)) found.push(`volume ${volume.name}: ${kind}`)
  for (const { name, securityContext: own = {}, ports = [] } of [...containers, ...initContainers]) {
    const context = { ...pod, ...own }
    const bad = (what: string) => found.push(`${name}: ${what}`)
    if (context.runAsNonRoot !== true || context.runAsUser === 0) bad('may run as root')
    if (!['RuntimeDefault', 'Localhost'].includes(context.seccompProfile?.type)) bad('no seccomp profile')
    if (own.allowPrivilegeEscalation !== false) bad('may get more privileges')
    if (own.privileged === true) bad('is privileged')
    if (!own.capabilities?.drop?.includes('ALL')) bad('keeps capabilities')
    if (own.capabilities?.add?.some((one: string) => one !== 'NET_BIND_SERVICE')) bad('adds capabilities')
    if (ports.some(({ hostPort }: { hostPort?: number }) => hostPort)) bad('has a port of the host')
  }
  return found
}

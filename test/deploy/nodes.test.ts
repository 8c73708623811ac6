import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { probeLabel, proxyRule } from '../../src/facts/cluster/views.ts'
import { readProbePod } from '../../src/facts/queries/cluster/probe-pods.ts'
import { defaultProbeNamespace } from '../../src/settings/cluster.ts'
import { readDeployed, settingsOf } from '../support/deployed.ts'
import { forbiddenByRestricted, type KubernetesObject, kubernetesApi } from '../support/kubernetes.ts'

const objects: KubernetesObject[] = parseAllDocuments(await readDeployed('kubernetes/node-probes.yaml')).map(
  (one) => one.toJS(),
)
const probes = objects.filter(({ kind }) => kind === 'DaemonSet')
const [host, pod] = probes.map(({ spec }) => spec.template)

/** The variables of a container, with those of the node filled in as kubelet does. */
function variablesOf({ spec }: KubernetesObject): Record<string, string> {
  const own: Record<string, string> = {}
  const fields: Record<string, string> = {
    'spec.nodeName': 'node-7.example.com',
    'status.hostIP': '10.0.1.7',
  }
  for (const { name, value, valueFrom } of spec.containers[0].env)
    own[name] =
      value === undefined
        ? (fields[valueFrom.fieldRef.fieldPath] ?? '')
        : value.replace(/\$\((\w+)\)/g, (_: string, other: string) => own[other] ?? '')
  const { NODE_NAME: _, HOST_IP: __, ...settings } = own
  return settings
}

test('both views run the same probe of the same endpoints, by the name of the node', () => {
  const [ofHost, ofPod] = [host, pod].map((template) =>
    settingsOf(template.spec.containers[0].args, variablesOf(template)),
  )
  expect(ofHost).toMatchObject({
    ...{ mode: 'probe', vantage: 'node-7.example.com', repeat: 3, listen: '10.0.1.7:9744' },
    endpoints: ['registry.example.com', 'registries'],
  })
  expect(ofPod).toEqual({ ...ofHost, listen: undefined })
})

test('one is on the network of the node with its resolver, the other is as any pod, and both are on every node', () => {
  expect([host.spec.hostNetwork, host.spec.dnsPolicy]).toEqual([true, 'Default'])
  expect([pod.spec.hostNetwork, pod.spec.dnsPolicy]).toEqual([undefined, undefined])
  for (const { spec } of [host, pod]) {
    expect(spec.tolerations).toEqual([{ operator: 'Exists' }])
    expect(spec.nodeSelector).toBeUndefined()
    expect(spec.containers[0].ports[0].name).toBe('probe')
    // Whatever the tag: what is on the node is enough.
    expect(spec.containers[0].imagePullPolicy).toBe('IfNotPresent')
  }
})

test('the network of the node is all that they have beyond the restricted standard', () => {
  expect(forbiddenByRestricted(host)).toEqual(['hostNetwork', 'probe: has a port of the host'])
  expect(forbiddenByRestricted(pod)).toEqual([])
  for (const { spec } of [host, pod]) {
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.volumes).toBeUndefined()
    expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true)
  }
  const [namespace] = objects
  expect(namespace?.metadata.labels).toEqual({ 'pod-security.kubernetes.io/enforce': 'privileged' })
  expect(new Set(probes.map(({ metadata }) => metadata.namespace))).toEqual(
    new Set([namespace?.metadata.name]),
  )
})

const [role, binding]: KubernetesObject[] = parseAllDocuments(
  await readDeployed('kubernetes/node-reports-role.yaml'),
).map((one) => one.toJS())

test('reports may be read through the API server in the namespace of the probes alone', () => {
  expect(role).toMatchObject({ kind: 'Role', metadata: { namespace: probes[0]?.metadata.namespace } })
  // As the finding about a missing right has it.
  expect(role?.rules).toEqual([parse(proxyRule)])
  expect(binding?.roleRef.name).toBe(role?.metadata.name)
})

test('the probes are found where cluster --nodes looks for them', () => {
  const [key = '', value] = probeLabel.split('=')
  for (const { metadata, spec } of probes) {
    expect([metadata.namespace, spec.template.metadata.labels[key]]).toEqual([defaultProbeNamespace, value])
    const read = readProbePod({
      ...{ metadata: { name: 'x' }, spec: { ...spec.template.spec, nodeName: 'node-1' } },
      status: { phase: 'Running', podIP: '10.0.1.7' },
    })
    const isHost = spec.template.spec.hostNetwork === true
    expect(read).toEqual({
      ...{ node: 'node-1', pod: 'x', kind: isHost ? 'host' : 'pod' },
      at: { address: '10.0.1.7', port: isHost ? 9744 : 9743 },
    })
  }
})

const api = kubernetesApi()
describe.skipIf(api === undefined)('the types of Kubernetes', () => {
  test.each(
    [...objects, role, binding]
      .flatMap((object) => object ?? [])
      .map((object) => [`${object.kind} ${object.metadata.name}`, object] as const),
  )('know every field of %s', (_, object) => expect(api?.problemsOf(object)).toEqual([]))
})

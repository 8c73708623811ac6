import type { Problem } from './problem.ts'
import type { SettingName, Settings } from './schema.ts'

/** The settings that only the cluster mode reads. */
const ofCluster = [
  'kubeconfig',
  'kube_context',
  'namespaces',
  'wait',
  'gates',
  'nodes',
  'probe_namespace',
] as const satisfies SettingName[]

/** Where the probes of deploy/kubernetes/node-probes.yaml are. */
export const defaultProbeNamespace = 'regguard-probes'

/** Settings that name something else to inspect: a run that ignores them would not do what they say. */
const ofOthers = [
  'storage',
  'record',
  'replay',
  'catalog',
  'images',
  'destinations',
  'endpoints',
  'names',
  'dns_config',
  'mirror_config',
  'checks',
] as const satisfies SettingName[]

/** What does not go together with `mode: cluster`, or only with it. */
export function clusterProblems(
  { mode, wait, timeout, namespaces, nodes, probe_namespace: probes, ...read }: Settings,
  given: ReadonlySet<SettingName>,
): Problem[] {
  if (mode !== 'cluster')
    return [
      ...ofCluster
        .filter((setting) => given.has(setting))
        .map((setting) => ({ setting, message: 'is only for mode: cluster', fix: { mode: 'cluster' } })),
      ...(['checks', 'require'] as const)
        .filter((setting) => read[setting].includes('cluster'))
        .map((setting) => ({
          setting,
          value: read[setting].join(','),
          message: 'names the cluster, which only mode: cluster inspects',
          fix: { mode: 'cluster' },
        })),
    ]
  const wrong = namespaces.filter((name) => !isNamespace(name))
  return [
    ...ofOthers
      .filter((setting) => given.has(setting))
      .map((setting) => ({ setting, message: 'is not for mode: cluster' })),
    // An address is what build plugins name so; here it can only be meant as the mirror to look into.
    ...(given.has('mirror') && !read.mirror
      ? [
          {
            setting: 'mirror',
            message: 'names no mirror to look into: that is mirror_coverage',
            fix: { mirror_coverage: ['mirror.example.com:5000'] },
          },
        ]
      : []),
    ...wrong.map((value) => ({ setting: 'namespaces', value, message: 'is no name of a namespace' })),
    ...(probes !== undefined && !isNamespace(probes)
      ? [{ setting: 'probe_namespace', value: probes, message: 'is no name of a namespace' }]
      : []),
    ...(probes !== undefined && !nodes
      ? [{ setting: 'probe_namespace', message: 'is not used without nodes', fix: { nodes: 'true' } }]
      : []),
    ...(wait >= timeout
      ? [
          {
            setting: 'wait',
            message: 'must be shorter than timeout, which would end the run before',
            fix: { timeout: '30m' },
          },
        ]
      : []),
  ]
}

const isNamespace = (name: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)

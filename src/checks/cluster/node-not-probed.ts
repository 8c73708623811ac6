import { proxyRule } from '../../facts/cluster/views.ts'
import { missingViews } from '../../facts/queries/cluster/unprobed.ts'
import { defineCheck } from '../define.ts'

const install =
  'Install the probes of deploy/kubernetes/node-probes.yaml before they are needed (docs/nodes.md).'

export default defineCheck({
  id: 'node-not-probed',
  group: 'cluster',
  title: 'every node has probes that answer',
  fault: 'Node not inspected: nothing is known of what it sees.',
  severity: 'warning',
  advice: 'Look at the pod of the probe on that node: kubectl describe says why it does not run.',
  reads: ['cluster.views'],
  run: ({ cluster }) => {
    const { views } = cluster
    if (!views) return []
    const { namespace, failure } = views
    if (failure)
      return [
        {
          subject: namespace,
          message: failure.why,
          advice: `Permit the account to list pods in ${namespace}: {apiGroups: [""], resources: [pods], verbs: [list]}.`,
        },
      ]
    if (views.views.length === 0)
      return [{ subject: namespace, message: 'there is no probe in this namespace', advice: install }]
    return missingViews(cluster).map(({ node, kind, pod, why, isForbidden, isNodeDown }) => ({
      subject: node,
      message: `${kind === 'host' ? 'its own network' : 'its pods'}: ${pod === undefined ? '' : `pod ${pod}: `}${why}`,
      cause: isForbidden ? 'forbidden' : isNodeDown ? 'down' : `${kind} ${why}`,
      ...(pod === undefined
        ? {
            advice: `See why the DaemonSet has no pod there (kubectl -n ${namespace} get daemonsets, kubectl describe node NODE).`,
          }
        : {}),
      ...(isNodeDown
        ? { severity: 'note' as const, title: 'Node not ready: nothing is known of what it sees.' }
        : {}),
      ...(isForbidden
        ? {
            title: 'Right missing: reports of probes could not be read from outside of the cluster.',
            advice: `Run this in the cluster, where no right is needed, or permit the account in the namespace ${namespace}: ${proxyRule}. It permits to read every port of the pods there (docs/nodes.md).`,
            commands: [
              `kubectl -n ${namespace} create role regguard-reports --verb=get --resource=pods/proxy`,
              `kubectl -n ${namespace} create rolebinding regguard-reports --role=regguard-reports --user=USER`,
            ],
          }
        : {}),
    }))
  },
})

import type { Fault } from '../../core/finding.ts'
import type { PullRow } from '../../facts/cluster/pulls.ts'
import { classOf } from '../../facts/queries/cluster/pull-text.ts'
import { defineCheck } from '../define.ts'
import { pullFault } from '../pull-fault.ts'

export default defineCheck({
  id: 'pull-refused',
  group: 'cluster',
  title: 'no registry refuses a pull',
  fault: 'Registry refuses: it was reached, and does not give the image.',
  severity: 'error',
  advice: 'Check the registry; its log has the request.',
  reads: ['cluster.pods', 'cluster.events'],
  run: ({ cluster }) =>
    cluster.pulls
      .filter((row) => classOf(row) === 'registry')
      .map((row) => ({ ...pullFault(row, cluster), ...adviceFor(row) })),
})

function adviceFor({
  error: { kind, host },
  pullSecrets,
  pods: [pod],
}: PullRow): Pick<Fault, 'advice'> | Record<string, never> {
  const secrets =
    pullSecrets.length > 0
      ? `the pull secret ${pullSecrets.join(', ')}`
      : 'the pod, which has no pull secret of its own,'
  const where = pod ? ` in ${pod.namespace}` : ''
  switch (kind) {
    case 'bad-credentials':
      return { advice: `Renew the login in ${secrets}${where}: ${host} does not accept it.` }
    case 'access-denied':
    case 'denied-or-missing':
      return {
        advice: `Give ${secrets}${where} an account that may read the repository, and check its name: a registry answers the same for one that does not exist.`,
      }
    case 'rate-limited':
      return {
        advice: `Log in to ${host} with a pull secret, or pull through a cache: nodes behind one address share its limit.`,
      }
    case 'mirror-miss':
      return {
        advice: `Check the mirror ${host} in hosts.toml or registries.yaml of the node: it must be named by a host name that its proxy knows.`,
      }
    case 'storage-forbidden':
      return {
        advice: `The storage that the registry redirects to refuses: check its credentials in the registry, and the clocks of both.`,
      }
    default:
      return {}
  }
}

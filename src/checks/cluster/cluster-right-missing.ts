import { clusterResources, grantCommands, ruleText } from '../../facts/cluster/rights.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'cluster-right-missing',
  group: 'cluster',
  title: 'regguard may list what it reads',
  fault: 'Right missing: a part of the cluster was not inspected.',
  severity: 'warning',
  advice: 'Permit the account of the kubeconfig to list it; put its name in place of USER.',
  reads: ['cluster.api'],
  run: ({ cluster: { unread, namespaces } }) =>
    unread
      .filter(({ failure }) => failure.kind === 'forbidden')
      .map(({ resource, namespace, failure }) => ({
        subject: `${resource}${namespace === undefined ? '' : ` in ${namespace}`}`,
        // Nodes belong to no namespace, so that an account for some namespaces cannot have the right.
        ...(resource === 'nodes' && namespaces.length > 0 ? { severity: 'note' as const } : {}),
        title: `Right missing: ${clusterResources[resource].for} was not inspected.`,
        message: `not inspected: ${failure.why}`,
        advice: `Permit the account to list ${resource}, by the rule ${ruleText(resource)}; put its name in place of USER.`,
        commands: grantCommands(resource, namespace),
        cause: resource,
      })),
})

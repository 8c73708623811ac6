import { defineCheck } from '../define.ts'

const ofConfig =
  'Name the kubeconfig of the cluster in the setting kubeconfig, or run in a pod with a service account (docs/cluster.md).'
const ofCredentials =
  'Renew the credentials in the kubeconfig, and check that the clock of this machine is right.'
const ofServer =
  'Check that this step reaches the API server of the kubeconfig: kubectl version, from the same place.'

export default defineCheck({
  id: 'cluster-not-inspected',
  group: 'cluster',
  title: 'the API server answers',
  fault: 'Cluster not inspected: nothing is known of its pulls.',
  severity: 'error',
  advice: ofServer,
  reads: ['cluster.api'],
  run: ({ cluster: { server, from, failure, unread } }) => {
    if (failure)
      return [
        {
          subject: server || from,
          message: failure.why,
          advice:
            failure.of === 'config' ? ofConfig : failure.kind === 'unauthorized' ? ofCredentials : ofServer,
        },
      ]
    // A missing right has a check of its own.
    return unread
      .filter(({ failure: { kind } }) => kind !== 'forbidden' && kind !== 'stopped')
      .map(({ resource, namespace, failure: { why } }) => ({
        subject: `${resource}${namespace === undefined ? '' : ` in ${namespace}`}`,
        title: 'Partly inspected: the API server did not give a whole list.',
        message: why,
        cause: why,
        severity: 'warning' as const,
      }))
  },
})

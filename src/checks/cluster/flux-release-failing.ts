import { firstOf } from '../../core/names.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'flux-release-failing',
  group: 'cluster',
  title: 'no release or kustomization of Flux fails by itself',
  fault: 'Flux release failing: its source was fetched, and it could not be deployed.',
  severity: 'error',
  advice: 'Read its events (flux events --for KIND/NAME): the source is not to blame.',
  reads: ['cluster.flux'],
  run: ({ cluster: { flux } }) =>
    (flux?.failures ?? []).map(({ name, namespace, reason, text, pulls }) => ({
      subject: name,
      message: reason,
      evidence: [text].filter(Boolean),
      ...(pulls.length > 0
        ? {
            because: `Pods in ${namespace} wait for images, so that this may be a consequence: ${firstOf(pulls)}.`,
            advice: 'Fix the failed pulls first, then see whether it gets ready.',
          }
        : {}),
    })),
})

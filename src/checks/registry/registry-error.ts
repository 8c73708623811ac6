import { isolatedErrors } from '../../facts/queries/image/isolated-errors.ts'
import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'registry-error',
  title: 'the registry answers without errors',
  fault: 'Registry error: the registry responds with an internal error (HTTP 500).',
  advice: "Check the registry's log: its storage or its database fails.",
  unless: ({ subject }, { image }, { mirror }) =>
    isolatedErrors(image, mirror).some(
      ({ repository, manifest }) => subject === `${repository.name}@${manifest.digest}`,
    ),
  explained: (_host, { mirror }) =>
    mirror
      ? {
          because: 'A pull-through cache answers so while its upstream is down, refuses it or limits it.',
          advice: 'Check the log of the mirror for the answer of its upstream.',
        }
      : {},
})

import { troubleCheck } from '../failure-check.ts'
import { isolatedErrors } from '../image/registry-metadata-corrupt.ts'

export default troubleCheck({
  id: 'registry-error',
  group: 'registry',
  title: 'the registry answers without errors',
  fault: 'The registry answers with an internal error.',
  advice: "Look at the registry's own log: its storage or its database fails.",
  unless: ({ subject }, image, { mirror }) =>
    isolatedErrors(image, mirror).some(
      ({ repository, manifest }) => subject === `${repository.name}@${manifest.digest}`,
    ),
})

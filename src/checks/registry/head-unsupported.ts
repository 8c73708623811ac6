import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'head-unsupported',
  quirk: 'head-unsupported',
  title: 'the registry supports HEAD',
  fault: 'HEAD not supported: the registry rejects it; GET was used instead.',
  advice:
    'No action needed for this step; some clients need HEAD, so check the reverse proxy in front of the registry.',
})

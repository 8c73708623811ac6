import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'head-unsupported',
  quirk: 'head-unsupported',
  title: 'the registry answers HEAD',
  fault: "The registry doesn't answer HEAD; GET was used instead.",
  advice: 'Nothing to do for this step; some clients need HEAD, so look at the proxy before the registry.',
})

import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'length-unknown',
  quirk: 'length-unknown',
  title: 'responses state their length',
  fault: 'Content-Length missing: responses do not state their length.',
  advice:
    'No action needed for this step; a reverse proxy in front of the registry removes the header, which slows clients down.',
})

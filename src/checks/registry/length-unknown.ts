import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'length-unknown',
  quirk: 'length-unknown',
  title: 'answers say how long they are',
  fault: 'Answers come without a Content-Length.',
  advice:
    'Nothing to do for this step; a proxy before the registry takes the header away, which slows clients down.',
})

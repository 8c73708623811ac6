import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'answer-invalid',
  title: "the registry's answers are valid",
  fault: "The registry's answers cannot be understood.",
  advice: 'Ask it by hand with curl -v; a proxy before it may change its answers.',
})

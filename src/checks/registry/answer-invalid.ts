import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'answer-invalid',
  title: "the registry's responses are valid",
  fault: "Invalid response: the registry's responses cannot be interpreted.",
  advice:
    'Send the request by hand with curl -v; a reverse proxy in front of the registry may alter responses.',
})

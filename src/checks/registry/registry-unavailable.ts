import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'registry-unavailable',
  title: 'the registry is up',
  fault: 'The registry, or the proxy before it, answers with server errors.',
  advice:
    "Look at the registry's own log and its proxy's upstream; nothing is said of the image until it answers.",
})

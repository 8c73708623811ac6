import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'not-a-registry',
  title: 'a registry answers',
  fault: "What answers isn't a registry.",
  advice:
    'Look at the host, the port and the path in the reference; a login page means that a proxy stands before the registry.',
})

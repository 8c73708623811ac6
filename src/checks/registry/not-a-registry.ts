import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'not-a-registry',
  group: 'registry',
  title: 'a registry answers',
  fault: "What answers isn't a registry.",
  advice:
    'Look at the host, the port and the path in the reference; a login page means that a proxy stands before the registry.',
})

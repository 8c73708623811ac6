import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'not-a-registry',
  title: 'the host is a registry',
  fault: 'Not a registry: another service responds at this address.',
  advice:
    'Check the host, port and path of the reference; a login page means that a proxy is in front of the registry.',
})

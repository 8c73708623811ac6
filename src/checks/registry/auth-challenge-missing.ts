import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'auth-challenge-missing',
  title: 'the registry says how to log in',
  fault: 'The registry answers 401 without saying how to log in.',
  advice:
    'Look at the proxy before the registry: it strips the WWW-Authenticate header, or asks for a login of its own.',
})

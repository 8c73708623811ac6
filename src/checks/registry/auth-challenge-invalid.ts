import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'auth-challenge-invalid',
  title: 'the authentication challenge is usable',
  fault: "Invalid authentication challenge: clients cannot follow the registry's WWW-Authenticate header.",
  advice: 'Fix the auth settings of the registry: the realm must be a full https URL that clients can reach.',
})

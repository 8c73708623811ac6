import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'redirect-refused',
  title: 'redirects are safe to follow',
  fault: 'Unsafe redirect: the registry redirects to an address that clients must not follow.',
  advice: 'Fix the redirect of the registry: to https, and to a host that clients can reach.',
})

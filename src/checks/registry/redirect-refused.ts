import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'redirect-refused',
  title: 'redirects are safe to follow',
  fault: 'Unsafe redirect: the registry redirects to a place where clients must not send requests.',
  advice:
    'Fix the redirect of the registry: to https, and to a host that clients can reach; `private_redirects: true` allows a private one.',
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'redirect-refused',
  title: 'redirects can be followed safely',
  fault: 'The registry redirects to where credentials and downloads should not go.',
  advice:
    "Mend the registry's redirect: to https, and to a host that clients can reach; `private_redirects: true` allows a private one.",
})

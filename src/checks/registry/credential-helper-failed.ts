import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'credential-helper-failed',
  title: 'credential helpers return credentials',
  fault: 'Credential helper failed: a helper that the Docker configuration names returned no credentials.',
  advice: 'Install the helper in the step, or set username and password (from_secret) instead.',
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'credential-helper-failed',
  title: 'credential helpers give credentials',
  fault: 'A credential helper that the Docker configuration names gave no credentials.',
  advice: 'Install the helper in the step, or give username and password (from_secret) instead.',
})

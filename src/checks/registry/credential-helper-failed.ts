import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'credential-helper-failed',
  group: 'registry',
  title: 'credential helpers give credentials',
  fault: 'A credential helper that the Docker configuration names gave no credentials.',
  advice: 'Install the helper in the step, or give username and password (from_secret) instead.',
})

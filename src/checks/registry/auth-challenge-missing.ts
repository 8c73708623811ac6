import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'auth-challenge-missing',
  title: 'every 401 has an authentication challenge',
  fault: 'Authentication challenge missing: the registry responds 401 without a WWW-Authenticate header.',
  advice:
    'Check the reverse proxy in front of the registry: it strips the WWW-Authenticate header, or requires its own login.',
})

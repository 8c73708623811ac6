import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'bad-credentials',
  title: 'the login is accepted',
  fault: 'The login is refused.',
  advice:
    'Check username and password: try them with docker login; a token may have expired or lack the right, or a secret may be empty.',
})

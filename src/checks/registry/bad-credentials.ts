import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'bad-credentials',
  title: 'the credentials are accepted',
  fault: 'Invalid credentials: the login is refused.',
  advice:
    'Check username and password: try them with docker login; a token may have expired or lack rights, or a secret may be empty.',
})

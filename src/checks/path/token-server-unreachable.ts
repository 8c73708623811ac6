import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'token-server-unreachable',
  title: 'the token server is reachable',
  fault: 'Token server unreachable: the server that the registry names for tokens does not respond.',
  advice: 'Set the realm to a URL that this runner can reach; in Forgejo and Gitea that is ROOT_URL.',
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'token-server-unreachable',
  title: 'the token server can be reached',
  fault: "The registry sends clients for a token to a server that doesn't answer.",
  advice: 'Make the realm an address that this runner reaches; in Forgejo and Gitea that is ROOT_URL.',
})

import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'token-server-unreachable',
  group: 'registry',
  title: 'the token server can be reached',
  fault: "The registry sends clients for a token to a server that doesn't answer.",
  advice: 'Make the realm an address that this runner reaches; in Forgejo and Gitea that is ROOT_URL.',
})

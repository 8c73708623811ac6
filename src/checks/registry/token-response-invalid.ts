import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'token-response-invalid',
  group: 'registry',
  title: 'the token server gives tokens',
  fault: "The token server's answer holds no token.",
  advice: "Ask the realm's address by hand with curl; a proxy or a login page may answer instead.",
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'token-response-invalid',
  title: 'the token server gives tokens',
  fault: "The token server's answer holds no token.",
  advice: "Ask the realm's address by hand with curl; a proxy or a login page may answer instead.",
})

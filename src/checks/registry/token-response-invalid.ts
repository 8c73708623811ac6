import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'token-response-invalid',
  title: 'the token server returns tokens',
  fault: "Invalid token response: the token server's response contains no token.",
  advice: "Request the realm's URL by hand with curl; a proxy or a login page may respond instead.",
})

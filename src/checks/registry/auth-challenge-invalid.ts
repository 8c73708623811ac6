import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'auth-challenge-invalid',
  title: "the registry's login challenge can be used",
  fault: "The registry's login challenge cannot be used.",
  advice: "Mend the registry's auth settings: the realm must be a full https address that clients can reach.",
})

import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'auth-challenge-invalid',
  group: 'registry',
  title: "the registry's login challenge can be used",
  fault: "The registry's login challenge cannot be used.",
  advice: "Mend the registry's auth settings: the realm must be a full https address that clients can reach.",
})

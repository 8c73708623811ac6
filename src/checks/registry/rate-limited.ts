import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'rate-limited',
  title: "the registry's rate limit holds",
  fault: 'The registry limits how much may be asked.',
  advice: 'Log in (limits for accounts are higher), lower `concurrency`, or wait for the limit to reset.',
})

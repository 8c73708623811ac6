import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'rate-limited',
  title: 'the rate limit is not exceeded',
  fault: 'Rate limit reached: the registry does not allow enough requests to verify the image.',
  advice: 'Log in (limits for accounts are higher), lower `concurrency`, or wait for the limit to reset.',
})

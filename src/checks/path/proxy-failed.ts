import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'proxy-failed',
  title: 'the proxy lets requests through',
  fault: 'The proxy on the way does not let requests through; the registry was not reached.',
  advice: 'Look at the proxy log, or name the registry in NO_PROXY if it is to be reached directly.',
})

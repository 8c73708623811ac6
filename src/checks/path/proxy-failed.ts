import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'proxy-failed',
  title: 'the proxy forwards requests',
  fault: 'Proxy failed: the configured proxy does not forward requests, so the registry was not reached.',
  advice: 'Check the proxy log, or add the registry to NO_PROXY if it is to be reached directly.',
})

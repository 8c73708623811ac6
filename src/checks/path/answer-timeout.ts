import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'answer-timeout',
  title: 'every host responds in time',
  fault: 'Response timeout: the host accepts requests but does not respond in time.',
  advice:
    'Check the load and the storage of the registry; if only large responses stall, check the path MTU.',
})

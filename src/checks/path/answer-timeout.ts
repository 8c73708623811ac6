import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'answer-timeout',
  title: 'every host answers in time',
  fault: "A host takes the request and doesn't answer in time.",
  advice:
    'Look at the load and the storage of the registry; if only large answers stall, at the MTU of the path.',
})

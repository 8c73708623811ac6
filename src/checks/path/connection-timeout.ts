import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-timeout',
  title: 'every host answers',
  fault: 'A host does not answer at all: packets to it, or back, get lost.',
  advice:
    'Look at firewall and routing between this runner and the host: curl -v to it from the runner itself, then from another machine.',
})

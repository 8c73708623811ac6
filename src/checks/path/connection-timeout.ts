import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-timeout',
  title: 'every host answers connection attempts',
  fault: 'Connection timeout: the host does not answer; packets to it or from it are lost.',
  advice:
    'Check firewall and routing between this runner and the host: run curl -v from the runner itself, then from another machine.',
})

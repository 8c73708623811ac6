import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'host-unreachable',
  title: 'there is a route to every host',
  fault: 'There is no route to a host, or a firewall refuses the connection.',
  advice: 'Run ip route get ADDRESS on the runner, and look for REJECT rules on the way.',
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'host-unreachable',
  title: 'every host has a route',
  fault: 'Host unreachable: there is no route to the host, or a firewall rejects the connection.',
  advice: 'Run ip route get ADDRESS on the runner, and check firewalls on the path for REJECT rules.',
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-timeout',
  title: 'every TLS handshake ends in time',
  fault:
    'TLS handshake timed out: the TCP connection works, but the server’s side of the handshake did not arrive.',
  advice:
    'Check whether hosts that have nothing to do with each other stall in the same way; then the egress of this machine is at fault: its MTU first.',
})

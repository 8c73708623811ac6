import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-failed',
  title: 'the TLS handshake succeeds',
  fault: 'The TLS handshake fails.',
  advice:
    'Try openssl s_client -connect HOST:PORT from the runner; if it stalls after the ClientHello, look at the MTU of the path.',
})

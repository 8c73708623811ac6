import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-failed',
  title: 'every TLS handshake succeeds',
  fault: 'TLS handshake failed: the TCP connection works, but no TLS connection could be established on it.',
  advice:
    'Run openssl s_client -connect HOST:PORT from the runner; its last lines name the alert or the close.',
})

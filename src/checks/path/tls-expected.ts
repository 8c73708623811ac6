import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-expected',
  title: 'plain http is used only where it is spoken',
  fault: 'The server speaks TLS on this port, and was asked in plain http.',
  advice: 'Take `insecure` out; a registry on loopback with TLS is reached by its host name.',
})

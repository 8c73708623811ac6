import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'tls-expected',
  group: 'path',
  title: 'plain http is used only where it is spoken',
  fault: 'The server speaks TLS on this port, and was asked in plain http.',
  advice: 'Take `insecure` out; a registry on loopback with TLS is reached by its host name.',
})

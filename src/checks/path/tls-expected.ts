import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-expected',
  title: 'plain HTTP is used only where the server speaks it',
  fault: 'TLS expected: the server speaks TLS on this port, but the request used plain HTTP.',
  advice: 'Remove `insecure`; address a registry with TLS on loopback by its host name.',
})

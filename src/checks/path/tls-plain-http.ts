import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-plain-http',
  title: 'every host speaks TLS where https is expected',
  fault: 'The server speaks plain HTTP on this port.',
  advice: 'Serve it over TLS, or say `insecure: true` if it is meant to be plain HTTP.',
})

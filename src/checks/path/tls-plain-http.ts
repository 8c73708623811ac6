import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-plain-http',
  title: 'every host that should speak TLS does',
  fault: 'Plain HTTP instead of TLS: the server does not speak TLS on this port.',
  advice: 'Serve the registry over TLS, or set `insecure: true` if it is meant to use plain HTTP.',
})

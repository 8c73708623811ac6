import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-client-certificate',
  title: 'the client certificate is accepted, where one is wanted',
  fault: 'The registry wants a client certificate, and got none that it takes.',
  advice:
    'Mount the certificate and its key into the step as client.cert and client.key in /etc/docker/certs.d/HOST, readable for its user.',
})

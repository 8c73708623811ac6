import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-client-certificate',
  title: 'the client certificate is accepted, where one is required',
  fault: 'Client certificate required: none was sent, or the server rejected it.',
  advice:
    'Mount the certificate and its key into the step as client.cert and client.key in /etc/docker/certs.d/HOST, readable for its user.',
})

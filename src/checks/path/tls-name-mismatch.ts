import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-name-mismatch',
  title: "every certificate is for the host's name",
  fault: 'The certificate is for another name.',
  advice:
    'Use a name that the certificate covers, or issue it for this one; the default certificate of an ingress means that no route matched.',
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-name-mismatch',
  title: 'every certificate is valid for its host name',
  fault: 'Certificate name mismatch: the certificate is not valid for this host name.',
  advice:
    'Use a name that the certificate covers, or issue it for this one; the default certificate of an ingress means that no route matched.',
})

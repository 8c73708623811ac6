import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'tls-name-mismatch',
  group: 'path',
  title: "every certificate is for the host's name",
  fault: 'The certificate is for another name.',
  advice:
    'Use a name that the certificate covers, or issue it for this one; the default certificate of an ingress means that no route matched.',
})

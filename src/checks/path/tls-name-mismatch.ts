import { showsDefaultCertificate } from '../../facts/queries/path/certificates.ts'
import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-name-mismatch',
  title: 'every certificate is valid for its host name',
  fault: 'Certificate name mismatch: the certificate is not valid for this host name.',
  advice: 'Use a name that the certificate covers, or issue it for this one.',
  // cert-default-ingress reports that one.
  unless: ({ why }, { path }) => showsDefaultCertificate(path.legs, why.host),
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-expired',
  title: 'every certificate is within its validity period',
  fault: 'Certificate expired or not yet valid.',
  advice:
    "Renew the certificate and reload the server; if its dates are right, correct this machine's clock.",
})

import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-expired',
  title: 'every certificate is valid today',
  fault: "The certificate has expired, or isn't valid yet.",
  advice: "Renew the certificate and reload the server; if its dates are right, set this machine's clock.",
})

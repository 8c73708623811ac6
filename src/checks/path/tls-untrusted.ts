import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-untrusted',
  title: 'every certificate is from a trusted issuer',
  fault: "The certificate's issuer isn't known here.",
  advice: 'Set `ca_file` to the CA of the registry, or let the server send the full chain.',
})

import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'tls-untrusted',
  group: 'path',
  title: 'every certificate is from a trusted issuer',
  fault: "The certificate's issuer isn't known here.",
  advice: 'Set `ca_file` to the CA of the registry, or let the server send the full chain.',
})

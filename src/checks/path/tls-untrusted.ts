import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-untrusted',
  title: 'every certificate is from a trusted issuer',
  fault: 'Untrusted certificate: its issuer is not among the trusted CAs.',
  advice: 'Set `ca_file` to the CA of the registry, or configure the server to send the full chain.',
})

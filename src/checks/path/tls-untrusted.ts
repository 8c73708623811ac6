import { showsDefaultCertificate } from '../../facts/queries/path/certificates.ts'
import { isInsecure } from '../../settings/plan/insecure.ts'
import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'tls-untrusted',
  title: 'every certificate is from a trusted issuer',
  fault: 'Untrusted certificate: its issuer is not among the trusted CAs.',
  advice: 'Set `ca_file` to the CA of the registry, or configure the server to send the full chain.',
  // cert-default-ingress reports that one.
  unless: ({ why }, { path }) => showsDefaultCertificate(path.legs, why.host),
  explained: (host, settings) =>
    isInsecure(settings, host)
      ? {
          because: `${host} speaks TLS. The setting insecure allows plain HTTP, but does not skip the verification of certificates.`,
          advice:
            'Set `ca_file` to the CA of the registry; to do without verification, as the build step may, set `skip_tls_verify: true`.',
        }
      : {},
})

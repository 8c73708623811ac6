import { skipsTlsVerify } from '../../settings/plan/insecure.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tls-not-verified',
  group: 'path',
  title: 'certificates are verified',
  fault:
    'Certificates NOT verified: a setting skips this, so anyone on the network path could impersonate the registry.',
  severity: 'warning',
  advice:
    'Set `ca_file` to the CA instead, and remove `skip_tls_verify` (or `insecure = true` from `buildkit_config`).',
  reads: ['path.hosts'],
  run: ({ path }, settings) =>
    path.hosts
      .filter(({ host, tls }) => tls && !tls.verified && skipsTlsVerify(settings, host))
      .map(({ host, tls }) => ({
        subject: host,
        message: `certificate of ${tls?.subject}, issued by ${tls?.issuer}`,
      })),
})

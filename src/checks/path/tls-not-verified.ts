import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tls-not-verified',
  group: 'path',
  title: 'certificates are verified',
  fault:
    'Certificates NOT verified: `skip_tls_verify` is set, so anyone on the network path could impersonate the registry.',
  severity: 'warning',
  advice: 'Set `ca_file` to the CA instead, and remove `skip_tls_verify`.',
  reads: ['path.hosts'],
  run: ({ path }, { skip_tls_verify: skipped }) =>
    skipped
      ? path.hosts
          .filter(({ tls }) => tls && !tls.verified)
          .map(({ host, tls }) => ({
            subject: host,
            message: `certificate of ${tls?.subject}, issued by ${tls?.issuer}`,
          }))
      : [],
})

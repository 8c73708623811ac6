import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tls-not-verified',
  group: 'path',
  title: 'certificates are checked',
  fault:
    'Certificates were NOT checked, because `skip_tls_verify` says so: anybody on the road could answer.',
  severity: 'warning',
  advice: 'Set `ca_file` to the CA instead, and take skip_tls_verify out.',
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

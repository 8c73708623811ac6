import { count } from '../../core/units.ts'
import { daysLeft } from '../../facts/queries/path/certificates.ts'
import { defineCheck } from '../define.ts'

/** Certificates with a lifetime of 90 days are renewed with 30 days left; at 14 the renewal has failed. */
const warnDays = 14

export default defineCheck({
  id: 'cert-expiring',
  group: 'path',
  title: 'no certificate expires soon',
  fault: 'Certificate expires soon: fewer than 14 days are left.',
  severity: 'warning',
  advice: 'Renew the certificate now, and check why the automatic renewal did not do it.',
  reads: ['path.hosts'],
  run: ({ path }) =>
    path.hosts.flatMap(({ host, tls }) => {
      if (!tls || Number.isNaN(tls.validTo)) return []
      const days = daysLeft(tls.validTo, path.at)
      if (days < 0 || days >= warnDays) return []
      return [
        {
          subject: host,
          message: `certificate of ${tls.subject} expires in ${count(days, 'day')}`,
          expected: `${warnDays} days or more`,
          actual: new Date(tls.validTo).toISOString().slice(0, 10),
        },
      ]
    }),
})

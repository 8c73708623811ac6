import { count } from '../../core/units.ts'
import { daysLeft } from '../../facts/queries/path/certificates.ts'
import { defineCheck } from '../define.ts'

/** Certificates of 90 days are renewed at 30; one that has 14 left was not. */
const warnDays = 14

export default defineCheck({
  id: 'cert-expiring',
  group: 'path',
  title: 'every certificate is valid for a while yet',
  fault: 'A certificate is about to expire.',
  severity: 'warning',
  advice: 'Renew the certificate now, and look why it was not renewed by itself.',
  reads: ['path.hosts'],
  run: ({ path }) =>
    path.hosts.flatMap(({ host, tls }) => {
      if (!tls || Number.isNaN(tls.validTo)) return []
      const days = daysLeft(tls.validTo, path.at)
      if (days < 0 || days >= warnDays) return []
      return [
        {
          subject: host,
          message: `its certificate (${tls.subject}) ends in ${count(days, 'day')}`,
          expected: `${warnDays} days or more`,
          actual: new Date(tls.validTo).toISOString().slice(0, 10),
        },
      ]
    }),
})

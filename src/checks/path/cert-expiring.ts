import { failureInfo } from '../../core/failure.ts'
import { count } from '../../core/units.ts'
import type { AttemptFact } from '../../facts/path/leg.ts'
import type { PathFact } from '../../facts/path.ts'
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
  consults: ['path.legs'],
  run: ({ path }) =>
    certificatesOf(path).flatMap(({ host, subject, validTo }) => {
      if (Number.isNaN(validTo)) return []
      const days = daysLeft(validTo, path.at)
      if (days < 0 || days >= warnDays) return []
      return [
        {
          subject: host,
          message: `certificate of ${subject} expires in ${count(days, 'day')}`,
          expected: `${warnDays} days or more`,
          actual: new Date(validTo).toISOString().slice(0, 10),
        },
      ]
    }),
})

/** Whether the certificate is why the attempt failed. */
const isRejected = ({ failure }: AttemptFact): boolean =>
  failure !== undefined && failureInfo(failure.kind).certificate === true

/**
 * The certificates of the hosts that were used, and of other endpoints, which may have several; each once by host and end. A
 * certificate that is not accepted has a finding of its own.
 */
function certificatesOf({
  hosts,
  legs = [],
}: PathFact): { host: string; subject: string; validTo: number }[] {
  const used = hosts.flatMap(({ host, tls }) => (tls ? { host, ...tls } : []))
  const probed = legs
    .filter(({ step, host }) => step === 'endpoint' && !used.some((one) => one.host === host))
    .flatMap(({ host, addresses }) =>
      addresses
        .filter(({ attempts }) => !attempts.some(isRejected))
        .flatMap(({ certificate }) => (certificate ? { host, ...certificate } : [])),
    )
  return [...new Map([...used, ...probed].map((one) => [`${one.host} ${one.validTo}`, one])).values()]
}

import { failuresIn } from '../../facts/queries/image/failures.ts'
import { defineCheck } from '../define.ts'

/** Tokens and presigned URLs are valid for minutes only. */
const warnMs = 60_000

export default defineCheck({
  id: 'clock-skew',
  group: 'path',
  title: 'clocks are in sync',
  fault:
    'Clock skew: the clocks of this machine and the registry differ, so tokens and signed URLs may be rejected.',
  severity: 'error',
  advice:
    'Check NTP on the registry and on this runner (timedatectl, chronyc tracking), and correct the clock that is wrong.',
  reads: ['path.hosts', 'path.requests'],
  run: ({ image, registry, path }) => {
    const rejected = failuresIn({ image, registry }).filter(({ why }) => why.kind === 'clock-skew')
    const rejecting = new Set(rejected.map(({ why }) => why.host))
    return [
      ...[...rejecting].map((host) => ({
        subject: host,
        message: rejected.find(({ why }) => why.host === host)?.why.detail ?? '',
        evidence: [
          ...new Set(rejected.filter(({ why }) => why.host === host).flatMap(({ why }) => why.evidence)),
        ].slice(0, 4),
      })),
      ...path.hosts
        .filter(({ host, skewMs = 0 }) => Math.abs(skewMs) > warnMs && !rejecting.has(host))
        .map(({ host, skewMs = 0 }) => ({
          subject: host,
          severity: 'warning' as const,
          message: `clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`,
        })),
    ]
  },
})

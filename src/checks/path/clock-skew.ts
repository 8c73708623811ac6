import { failuresIn } from '../../facts/queries/image/failures.ts'
import { defineCheck } from '../define.ts'

/** Tokens and presigned addresses live for minutes; certificates are not so particular. */
const warnMs = 60_000

export default defineCheck({
  id: 'clock-skew',
  group: 'path',
  title: 'clocks agree',
  fault:
    'The clocks of this machine and of the registry differ; tokens and signed addresses may be refused for that.',
  severity: 'error',
  advice:
    'Set the clock that is wrong: look at NTP on the registry and on this runner (timedatectl, chronyc tracking).',
  reads: ['path.hosts', 'path.requests'],
  run: ({ image, registry, path }) => {
    const refused = failuresIn({ image, registry }).filter(({ why }) => why.kind === 'clock-skew')
    const blamed = new Set(refused.map(({ why }) => why.host))
    return [
      ...[...blamed].map((host) => ({
        subject: host,
        message: refused.find(({ why }) => why.host === host)?.why.detail ?? '',
        evidence: [
          ...new Set(refused.filter(({ why }) => why.host === host).flatMap(({ why }) => why.evidence)),
        ].slice(0, 4),
      })),
      ...path.hosts
        .filter(({ host, skewMs = 0 }) => Math.abs(skewMs) > warnMs && !blamed.has(host))
        .map(({ host, skewMs = 0 }) => ({
          subject: host,
          severity: 'warning' as const,
          message: `its clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours`,
        })),
    ]
  },
})

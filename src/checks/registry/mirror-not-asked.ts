import { count } from '../../core/units.ts'
import type { CoveredRegistry } from '../../facts/registry/coverage.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-not-asked',
  group: 'registry',
  title: 'it can be found out what the mirror holds',
  fault: 'Mirror not asked: it is not known which images it holds.',
  severity: 'note',
  advice:
    'Set “mirror_kind: copy” if it holds what is put into it, or “mirror_kind: cache” if it gets what it lacks from its upstream.',
  reads: ['registry.mirrors'],
  run: ({ registry: { coverage } }) =>
    (coverage?.mirrors ?? [])
      .filter(({ counts }) => counts.unknown > 0)
      .map((mirror) => ({
        subject: mirror.mirror,
        message: `${count(mirror.counts.unknown, 'image')} of ${mirror.registry} not known: ${mirror.why ?? 'not asked'}`,
        cause: `${mirror.mirror} ${mirror.kind}`,
        ...howToAsk(mirror),
      })),
})

function howToAsk({ mirror, registry, kind, isFailing }: CoveredRegistry) {
  if (isFailing)
    return {
      severity: 'warning' as const,
      title: 'Mirror does not answer: it is not known which images it holds.',
      advice: `Check that ${mirror} is up and reached from here, and its login.`,
    }
  if (kind !== 'cache') return {}
  return {
    title: 'Cache not asked: every question for an image would fill it, so that the answer would be wrong.',
    advice: `On its host, serve its storage once more, without its upstream, and look there: “mirror_coverage: ${registry}=127.0.0.1:5055” with “mirror_kind: copy”.`,
    commands: [
      'docker run -d --name mirror-as-it-is -p 127.0.0.1:5055:5000 -v /var/lib/registry:/var/lib/registry:ro registry:2',
    ],
  }
}

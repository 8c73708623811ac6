import { countsText, lackText, upstreamText } from '../../facts/queries/registry/coverage-text.ts'
import { inOtherMirrors } from '../../facts/queries/registry/other-mirrors.ts'
import type { CoveredRegistry } from '../../facts/registry/coverage.ts'
import type { Settings } from '../../settings/schema.ts'
import { copyCommand, insecureFlag } from '../copy-command.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-incomplete',
  group: 'registry',
  title: 'the mirror holds every image whole',
  fault: 'Not in the mirror: while their registry is gone, no node can pull these images.',
  severity: 'warning',
  advice: 'Copy them into the mirror, from a machine that reaches both.',
  reads: ['registry.mirrors'],
  run: ({ registry: { coverage } }, settings) =>
    (coverage?.mirrors ?? []).flatMap((mirror) =>
      mirror.images
        .filter(
          ({ state, upstream }) => (state === 'absent' || state === 'partial') && upstream.state !== 'lacks',
        )
        // Nodes that are told of both mirrors can pull it.
        .filter(({ image }) => !coverage || inOtherMirrors(coverage, mirror, image) !== 'whole')
        .map((image) => ({
          subject: image.image,
          message: `${lackText(image)} in ${mirror.mirror}; ${upstreamText(image)}`,
          because: `Of ${mirror.counts.images} of ${mirror.registry}, ${mirror.mirror} holds ${countsText(mirror)}.`,
          cause: `${mirror.mirror} ${mirror.registry}`,
          ...fillOf(mirror, image, settings),
        })),
    ),
})

/** The command that brings an image into the mirror. */
function fillOf({ kind, mirror }: CoveredRegistry, image: { image: string; at: string }, settings: Settings) {
  if (kind === 'copy') return { commands: [copyCommand(image, settings)] }
  return {
    advice: `Read them through ${mirror} once, which fills it with every platform; it forgets them again after its proxy.ttl (7 days by default):`,
    commands: [`crane validate${insecureFlag(settings, image.at)} --remote ${image.at}`],
  }
}

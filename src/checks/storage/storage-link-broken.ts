import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { repairAdvice } from '../../explain/storage/advice.ts'
import { placeOf } from '../../explain/storage/place.ts'
import { allNames, damagesIn, imageName } from '../../facts/queries/storage/damages.ts'
import type { BrokenLink } from '../../facts/storage/fault.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { withUnlisted } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-link-broken',
  group: 'storage',
  title: 'every link consists of the digest that it links',
  fault:
    'Broken link: a link file is empty or names something else, so the registry answers with an error or with other content.',
  severity: 'error',
  advice: 'Write the link again: push the manifest by its digest, or upload the blob.',
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const { judged } = storage
    if (!judged) return []
    const damages = damagesIn(judged.images.broken)
    const faults = judged.faults.links.items.map((link): Fault => {
      const hurt = damages.filter(
        ({ image, damage }) =>
          damage.place === 'link' && damage.digest === link.digest && image.repository === link.repository,
      )
      const images = [...new Set(hurt.map(({ image }) => image))]
      const stops = link.kind === 'revision' && link.state !== 'other'
      return {
        ...{ subject: `${link.repository}@${link.digest}`, repository: link.repository, digest: link.digest },
        message: messageOf(link),
        evidence: images.map((image) => `${imageName(image)} needs it`),
        explains: images.flatMap(allNames),
        severity: stops || images.some(({ tagCount }) => tagCount > 0) ? 'error' : 'warning',
        cause: link.repository,
        title: titleOf(link.repository, judged.faults.links.items),
        ...(stops ? { because: 'A garbage collection stops at such a link, so that the disk fills.' } : {}),
        ...(images.length > 0
          ? repairAdvice(images, judged.repair, placeOf(storage, settings))
          : {
              advice: link.hasData
                ? 'Push what it links again.'
                : 'Its data is gone, too: delete the link file.',
            }),
      }
    })
    return withUnlisted(faults, judged.faults.links.more)
  },
})

function messageOf({ kind, state, text = '' }: BrokenLink): string {
  const what = kind === 'revision' ? 'the link of this manifest' : 'the layer link of this blob'
  if (state === 'empty') return `${what} is empty`
  return state === 'other' ? `${what} names ${shortDigest(text)}` : `${what} says “${text}”`
}

function titleOf(repository: string, links: BrokenLink[]): string {
  const own = links.filter((link) => link.repository === repository)
  return `Broken links: ${count(own.length, 'link')} in ${repository} ${own.length === 1 ? 'is' : 'are'} empty or ${own.length === 1 ? 'names' : 'name'} something else.`
}

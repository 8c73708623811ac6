import { lackText } from '../../facts/queries/registry/coverage-text.ts'
import { inOtherMirrors } from '../../facts/queries/registry/other-mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'image-nowhere',
  group: 'registry',
  title: 'every image is in its registry or in the mirror',
  fault:
    'Image nowhere: neither its registry nor the mirror has it whole, so that only nodes that have it can run it.',
  severity: 'error',
  advice:
    'Push it back from a node that still has it, before that node is drained or cleaned up; or build it again and deploy the new one.',
  reads: ['registry.mirrors'],
  run: ({ registry: { coverage } }) =>
    (coverage?.mirrors ?? []).flatMap((covered) => {
      const { mirror, registry, images } = covered
      return (
        images
          .filter(
            ({ state, upstream }) =>
              (state === 'absent' || state === 'partial') && upstream.state === 'lacks',
          )
          // Another mirror of the same registry may have it, or was not asked.
          .filter(({ image }) => {
            const elsewhere = coverage && inOtherMirrors(coverage, covered, image)
            return elsewhere !== 'whole' && elsewhere !== 'unknown'
          })
          .map((image) => ({
            subject: image.image,
            message: `${registry} does not have it; in ${mirror}: ${lackText(image)}`,
            cause: registry,
            commands: [`ctr -n k8s.io images push ${image.image}`],
          }))
      )
    }),
})

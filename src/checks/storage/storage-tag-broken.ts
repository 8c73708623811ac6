import type { Fault } from '../../core/finding.ts'
import { repairCommand } from '../../explain/storage/commands.ts'
import { placeOf } from '../../explain/storage/place.ts'
import type { BrokenTag } from '../../facts/storage/fault.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-tag-broken',
  group: 'storage',
  title: 'every tag names a manifest',
  fault: 'Broken tag: the registry lists the tag, but its link is empty, malformed or absent.',
  severity: 'error',
  advice: 'Push the tag again.',
  reads: ['storage.links'],
  run: ({ storage }, settings) => {
    const { judged } = storage
    return (judged?.faults.tags.items ?? []).map((broken): Fault => {
      const name = `${broken.repository}:${broken.tag}`
      const steps = judged?.repair.steps.filter(({ images }) => images.includes(name)) ?? []
      const { last } = broken
      return {
        ...{ subject: name, repository: broken.repository },
        message: messageOf(broken),
        // A tag that was never completed, or half deleted, was perhaps not meant to exist.
        severity: broken.link === 'missing' ? 'warning' : 'error',
        cause: broken.repository,
        ...(last
          ? {
              evidence: [
                `last pushed: ${shortDigest(last.digest)}${last.pullable ? ', which is there' : ''}`,
              ],
            }
          : {}),
        advice: last?.pullable
          ? 'These commands point the tag to what was last pushed to it.'
          : 'Push the tag again: nothing that was pushed to it can be pulled.',
        commands: steps.flatMap((step) => repairCommand(step, placeOf(storage, settings)).command ?? []),
      }
    })
  },
})

function messageOf({ link, text = '' }: BrokenTag): string {
  if (link === 'missing') return 'there is a folder of the tag, but no current/link in it'
  return link === 'empty' ? 'its current/link is empty' : `its current/link says “${text}”`
}

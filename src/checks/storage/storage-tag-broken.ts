import type { Fault } from '../../core/finding.ts'
import { repairCommand } from '../../explain/storage/commands.ts'
import { placeOf } from '../../explain/storage/place.ts'
import type { BrokenTag } from '../../facts/storage/fault.ts'
import type { RepairStep } from '../../facts/storage/repair.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { withUnlisted } from '../storage-damage.ts'

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
    const { items = [], more = 0 } = judged?.faults.tags ?? {}
    const faults = items.map((broken): Fault => {
      const name = `${broken.repository}:${broken.tag}`
      const steps = stepsFor(broken, judged?.repair.steps ?? [])
      const { last, candidates } = broken
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
        ...(candidates
          ? { evidence: candidates.map((digest) => `perhaps last pushed: ${shortDigest(digest)}`) }
          : {}),
        advice: adviceFor(broken),
        commands: steps.flatMap((step) => repairCommand(step, placeOf(storage, settings)).command ?? []),
      }
    })
    return withUnlisted(faults, more)
  },
})

function adviceFor({ last, candidates }: BrokenTag): string {
  if (candidates)
    return 'Push the tag again: the times in its history are equal, as after a copy of the storage, so that they do not tell which image was the last.'
  return last?.pullable
    ? 'These commands point the tag to what was last pushed to it.'
    : 'Push the tag again: nothing that was pushed to it can be pulled.'
}

/** The steps for the image that a tag pointed to, whatever tag of it they name it by, without those for its other tags. */
function stepsFor({ repository, tag }: BrokenTag, steps: readonly RepairStep[]): RepairStep[] {
  const isForTag = (step: RepairStep) => step.repository === repository && step.tag === tag
  const names = new Set(steps.filter(isForTag).flatMap(({ images }) => images))
  return steps.filter(
    (step) => isForTag(step) || (step.tag === undefined && step.images.some((name) => names.has(name))),
  )
}

function messageOf({ link, text = '' }: BrokenTag): string {
  if (link === 'missing') return 'there is a folder of the tag, but no current/link in it'
  return link === 'empty' ? 'its current/link is empty' : `its current/link says “${text}”`
}

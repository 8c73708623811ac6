import type { Fault } from '../../core/finding.ts'
import type { TargetFact } from '../../facts/image.ts'
import { referenceName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tag-moved',
  group: 'image',
  title: 'every tag refers to the image that was pushed',
  fault: 'Overwritten tag: a tag refers to another image than expected.',
  severity: 'error',
  advice:
    'Find the other pipeline that pushes this tag, then run this one again; give each pipeline a tag of its own.',
  reads: ['image.targets'],
  run: ({ image }) => image.targets.flatMap((fact) => [...unexpected(fact), ...movedDuringRun(fact)]),
})

function unexpected({ target, first }: TargetFact): Fault[] {
  if (!target.expected || !first.seen || first.value.state !== 'found') return []
  const { digest, from } = target.expected
  // A manifest that was too large to read has no digest to compare.
  if (first.value.digest === digest || first.value.digest === '') return []
  return [
    {
      subject: referenceName(target.reference),
      message: 'the tag refers to another digest than the push reported',
      expected: `${digest} (${from})`,
      actual: first.value.digest,
      cause: 'expected',
      because: 'Either another push to the same tag came later, or this push used another name.',
    },
  ]
}

function movedDuringRun({ target, first, last }: TargetFact): Fault[] {
  if (!first.seen || first.value.state !== 'found' || !last?.seen || first.value.digest === '') return []
  const now = last.value.state === 'found' ? last.value.digest : 'the tag is gone'
  if (now === first.value.digest) return []
  return [
    {
      subject: referenceName(target.reference),
      message: 'the tag changed while it was being verified',
      expected: `${first.value.digest} (when the run started)`,
      actual: now,
      cause: 'during the run',
      title: 'Tag changed during the run: the image that it refers to now was not verified.',
      advice: 'Run this step again to verify the image that the tag refers to now.',
    },
  ]
}

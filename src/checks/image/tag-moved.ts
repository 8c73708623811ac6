import type { Fault } from '../../core/finding.ts'
import type { TargetFact } from '../../facts/image.ts'
import { referenceName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tag-moved',
  group: 'image',
  title: 'every tag names the image that was pushed',
  fault: 'A tag names another image than the one expected: overwritten tag.',
  severity: 'error',
  advice:
    'Find the other pipeline that pushes this tag, then run this one again; let each push a tag of its own.',
  reads: ['image.targets'],
  run: ({ image }) => image.targets.flatMap((fact) => [...unexpected(fact), ...movedMeanwhile(fact)]),
})

function unexpected({ target, first }: TargetFact): Fault[] {
  if (!target.expected || !first.seen || first.value.state !== 'found') return []
  const { digest, from } = target.expected
  // A manifest too large to be read has no digest that could be compared.
  if (first.value.digest === digest || first.value.digest === '') return []
  return [
    {
      subject: referenceName(target.reference),
      message: 'the tag names another digest than the push reported',
      expected: `${digest} (${from})`,
      actual: first.value.digest,
      cause: 'expected',
      because: 'Another push to the same tag came after this one, or this one pushed to another name.',
    },
  ]
}

function movedMeanwhile({ target, first, last }: TargetFact): Fault[] {
  if (!first.seen || first.value.state !== 'found' || !last?.seen || first.value.digest === '') return []
  const now = last.value.state === 'found' ? last.value.digest : 'nothing: the tag is gone'
  if (now === first.value.digest) return []
  return [
    {
      subject: referenceName(target.reference),
      message: 'the tag was changed while it was being verified',
      expected: `${first.value.digest} (when this run began)`,
      actual: now,
      cause: 'meanwhile',
      title: 'A tag was changed while it was verified: what it names now was not looked at.',
      advice: 'Run this step again, to verify what the tag names now.',
    },
  ]
}

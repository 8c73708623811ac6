import { defineCheck, type Neighbours, type Target } from '../model.ts'
import { referenceName, repositoryName } from '../oci/reference.ts'
import { count, durationText } from '../oci/units.ts'

export default defineCheck({
  id: 'tag-missing',
  group: 'image',
  title: 'every tag is there',
  fault: 'What was to be verified is not in the registry.',
  severity: 'error',
  advice: 'Look whether the push step ran, and pushed to this very name; then push again.',
  needs: ['image'],
  run: ({ image }) =>
    image.targets.flatMap(({ target, first }) => {
      if (!first.seen || first.value.state !== 'absent') return []
      const { refusal, waitedMs, neighbours } = first.value
      const waited = waitedMs >= 1000 ? ` for ${durationText(waitedMs)}` : ''
      return [
        {
          subject: referenceName(target.reference),
          message: `the registry answered ${refusal.status} ${refusal.code}`.trimEnd() + waited,
          ...(target.expected ? { expected: `${target.expected.digest} (${target.expected.from})` } : {}),
          actual: 'nothing under that name',
          evidence: neighbours ? [neighbourLine(target, neighbours)] : [],
          cause: repositoryName(target.reference),
        },
      ]
    }),
})

function neighbourLine({ reference }: Target, { tags, more }: Neighbours): string {
  const name = repositoryName(reference)
  if (tags.length === 0) return `${name} has no tags at all`
  return `${name} has ${more ? 'at least ' : ''}${count(tags.length, 'tag')}: ${tags.slice(0, 8).join(', ')}${tags.length > 8 ? ' …' : ''}`
}

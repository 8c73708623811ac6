import type { Fault } from '../../core/finding.ts'
import { count, durationText } from '../../core/units.ts'
import type { Neighbours, Target } from '../../facts/image.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { lostZero, yamlSiblings } from '../../settings/yaml-numbers.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tag-missing',
  group: 'image',
  title: 'every tag is there',
  fault: 'What was to be verified is not in the registry.',
  severity: 'error',
  advice: 'Look whether the push step ran, and pushed to this very name; then push again.',
  reads: ['image.targets'],
  run: ({ image }, { tags }) =>
    image.targets.flatMap(({ target, first }) => {
      if (!first.seen || first.value.state !== 'absent') return []
      const { refusal, waitedMs, neighbours } = first.value
      const tag = target.reference.tag ?? ''
      const unquoted = tags.includes(tag) ? suspect(tag, neighbours) : {}
      const waited = waitedMs >= 1000 ? ` for ${durationText(waitedMs)}` : ''
      return [
        {
          subject: referenceName(target.reference),
          message: `the registry answered ${refusal.status} ${refusal.code}`.trimEnd() + waited,
          ...(target.expected ? { expected: `${target.expected.digest} (${target.expected.from})` } : {}),
          actual: 'nothing under that name',
          evidence: neighbours ? [neighbourLine(target, neighbours)] : [],
          cause: repositoryName(target.reference),
          ...unquoted,
        },
      ]
    }),
})

/**
 * What to say of a tag from `tags` that YAML may have made of another: aloud where that other one is in the registry,
 * as a doubt where the list of tags does not rule it out.
 */
function suspect(tag: string, neighbours: Neighbours = { tags: [], more: true }): Partial<Fault> {
  const [written] = yamlSiblings(tag, neighbours.tags)
  if (written !== undefined) {
    return {
      title: `The tag ${tag} is not there, and ${written} is: YAML reads an unquoted ${written} as the number ${tag}.`,
      advice: `Quote the tag, here and in the build step: tags: ["${written}"].`,
      cause: `${tag} for ${written}`,
    }
  }
  const zero = neighbours.more ? lostZero(tag) : undefined
  if (zero === undefined) return {}
  const because = `If it was meant to be ${zero}: YAML reads an unquoted ${zero} as the number ${tag}; write tags: ["${zero}"].`
  return { because, cause: `${tag} or ${zero}` }
}

function neighbourLine({ reference }: Target, { tags, more }: Neighbours): string {
  const name = repositoryName(reference)
  if (tags.length === 0) return `${name} has no tags at all`
  return `${name} has ${more ? 'at least ' : ''}${count(tags.length, 'tag')}: ${tags.slice(0, 8).join(', ')}${tags.length > 8 ? ' …' : ''}`
}

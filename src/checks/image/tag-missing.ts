import type { Fault } from '../../core/finding.ts'
import { count, durationText } from '../../core/units.ts'
import type { OtherTags, Target } from '../../facts/image.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { lostZero, yamlSiblings } from '../../settings/yaml-numbers.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tag-missing',
  group: 'image',
  title: 'every tag exists',
  fault: 'Tag not found in the registry.',
  severity: 'error',
  advice: 'Check that the push step ran and used exactly this name, then push again.',
  reads: ['image.targets'],
  run: ({ image }, { tags }) =>
    image.targets.flatMap(({ target, first }) => {
      if (!first.seen || first.value.state !== 'absent') return []
      const { refusal, waitedMs, otherTags } = first.value
      const tag = target.reference.tag ?? ''
      const unquoted = tags.includes(tag) ? unquotedNumber(tag, otherTags) : {}
      const waited = waitedMs >= 1000 ? ` for ${durationText(waitedMs)}` : ''
      return [
        {
          subject: referenceName(target.reference),
          message: `the registry answered ${refusal.status} ${refusal.code}`.trimEnd() + waited,
          ...(target.expected ? { expected: `${target.expected.digest} (${target.expected.from})` } : {}),
          actual: 'no manifest with this name',
          absent: true,
          evidence: otherTags ? [otherTagsLine(target, otherTags)] : [],
          cause: repositoryName(target.reference),
          ...(target.reference.digest === undefined
            ? isListed(tag, otherTags)
              ? lostManifest(target)
              : unquoted
            : digestNotFound(target)),
        },
      ]
    }),
})

const digestNotFound = ({ reference }: Target): Partial<Fault> => ({
  title: 'Digest not found in the registry.',
  cause: `${repositoryName(reference)} by digest`,
})

const isListed = (tag: string, otherTags?: OtherTags): boolean => otherTags?.tags.includes(tag) ?? false

/**
 * What to say where the list of tags has the tag. Measured with registry 2.8.2: after “garbage-collect” without a restart, the PUT of the same
 * manifest is answered with 201 and stores only the tag; after a restart, it stores the manifest.
 */
const lostManifest = ({ reference }: Target): Partial<Fault> => ({
  title: 'Lost manifest: the registry lists the tag, and does not have the manifest that it names.',
  advice: 'Restart the registry, which empties its cache; then push again.',
  actual: 'a tag without its manifest',
  cause: `${repositoryName(reference)} lists the tag`,
  because:
    'registry 2.x that still caches a manifest which “garbage-collect” deleted does not store it when it is pushed again (distribution#2270, #3254). Lost files of the storage look the same.',
})

/**
 * A tag of `tags` may be an unquoted tag that YAML read as a number. Where the registry has that other tag, this is the cause;
 * where its list of tags is incomplete, it is only a hint.
 */
function unquotedNumber(tag: string, otherTags: OtherTags = { tags: [], more: true }): Partial<Fault> {
  const [written] = yamlSiblings(tag, otherTags.tags)
  if (written !== undefined) {
    return {
      title: `Unquoted tag: ${tag} does not exist, but ${written} does; YAML reads an unquoted ${written} as the number ${tag}.`,
      advice: `Quote the tag, here and in the build step: tags: ["${written}"].`,
      cause: `${tag} for ${written}`,
    }
  }
  const zero = otherTags.more ? lostZero(tag) : undefined
  if (zero === undefined) return {}
  const because = `If ${zero} was meant: YAML reads an unquoted ${zero} as the number ${tag}; write tags: ["${zero}"].`
  return { because, cause: `${tag} or ${zero}` }
}

function otherTagsLine({ reference }: Target, { tags, more }: OtherTags): string {
  const name = repositoryName(reference)
  if (tags.length === 0) return `${name} has no tags`
  return `${name} has ${more ? 'at least ' : ''}${count(tags.length, 'tag')}: ${tags.slice(0, 8).join(', ')}${tags.length > 8 ? ' …' : ''}`
}

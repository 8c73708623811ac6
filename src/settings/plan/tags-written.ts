import { isTag, parseReference } from '../../oci/reference.ts'
import type { Problem } from '../problem.ts'
import { numberProblem } from '../yaml-numbers.ts'

/**
 * Separates tags from whole references, which docker/metadata-action gives as its output `tags`: `registry.example.com/app:1.2`. Only a
 * reference with a tag or a digest counts.
 */
export function separateReferences(items: string[]): { tags: string[]; references: string[] } {
  const isReference = (item: string): boolean => {
    const parsed = /[/:]/.test(item) ? parseReference(item) : undefined
    return parsed?.ok === true && (parsed.value.tag ?? parsed.value.digest) !== undefined
  }
  return {
    tags: items.filter((item) => !isReference(item)),
    references: items.filter(isReference),
  }
}

/** Reports each tag that cannot be one, once, with the mistake that usually leads to it. */
export function checkTags(tags: string[], setting: string, problems: Problem[]): void {
  for (const tag of new Set(tags)) {
    if (isTag(tag)) continue
    problems.push(numberProblem(setting, tag) ?? { setting, value: tag, ...tagMistake(tag) })
  }
}

function tagMistake(tag: string): Omit<Problem, 'setting'> {
  const variable = unresolvedVariable(tag)
  if (variable !== undefined) return { message: variable }
  const words = tag.split(/\s+/)
  if (words.length > 1 && words.every(isTag))
    return { message: 'separates tags with spaces; use commas or one line for each', fix: { tags: words } }
  if (/^[-.]/.test(tag))
    return {
      message: `is not a valid tag: it begins with “${tag[0]}”, so a variable before it was probably empty`,
    }
  return {
    message: 'is not a valid tag: use letters, digits, “_”, “.” and “-” (“.” and “-” not first), at most 128',
  }
}

/** What is wrong with a text that still contains `${VARIABLE}` or `$VARIABLE`; undefined for any other. */
export function unresolvedVariable(text: string): string | undefined {
  const [, expression] = /\$\{\{\s*(.*?)\s*\}\}/.exec(text) ?? []
  if (expression !== undefined)
    return `contains the expression ${expression}, which the CI platform did not evaluate`
  const [written, name] = /\$\{?([A-Za-z_]\w*)[^}]*\}?/.exec(text) ?? []
  if (name === undefined) return undefined
  return `contains ${written}, which was not replaced: ${name} is not set for this event, or is written with $$`
}

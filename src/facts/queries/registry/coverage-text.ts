import { count } from '../../../core/units.ts'
import type { CoveredImage, CoveredRegistry } from '../../registry/coverage.ts'

/** `9 whole, 1 in part, 2 not there`. */
export function countsText({ counts }: Pick<CoveredRegistry, 'counts'>): string {
  const { whole, partial, absent, unknown } = counts
  const parts = [
    [whole, 'whole'],
    [partial, 'in part'],
    [absent, 'not there'],
    [unknown, 'not known'],
  ] as const
  return parts
    .filter(([number, word]) => number > 0 || word === 'whole')
    .map(([number, word]) => `${number} ${word}`)
    .join(', ')
}

/** What a mirror is called. */
export const kindText = {
  copy: 'a copy',
  cache: 'a pull-through cache',
  unknown: 'a copy or a cache',
} as const

/** What a mirror lacks of an image: `not there`, or the first objects. */
export function lackText({ state, lacks, lackCount, platforms }: CoveredImage): string {
  if (state === 'absent') return 'not there'
  if (state !== 'partial') return 'not known'
  const of = platforms.length > 0 ? ` of ${platforms.join(', ')}` : ''
  const more = lackCount > lacks.length ? `, and ${lackCount - lacks.length} more` : ''
  return `${count(lackCount, 'object')}${of} not there: ${lacks.join(', ')}${more}`
}

/** What its own registry has of an image. */
export function upstreamText({ upstream: { state, why } }: CoveredImage): string {
  if (state === 'has') return 'its registry has it'
  if (state === 'lacks') return 'its registry does not have it either'
  if (state === 'not-asked') return 'its registry was not asked'
  return `its registry did not say whether it has it${why === undefined ? '' : ` (${why})`}`
}

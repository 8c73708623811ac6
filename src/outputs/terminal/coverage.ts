import type { Status } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import { countsText, kindText } from '../../facts/queries/registry/coverage-text.ts'
import type { CoveredRegistry } from '../../facts/registry/coverage.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

/** One line for each mirror and registry, and one for the registries without a mirror. */
export function coverageLines({ coverage }: Pick<Report, 'coverage'>): string[] {
  if (!coverage) return []
  const { mirrors, unmirrored, more } = coverage
  const without = unmirrored.map(({ registry, images }) => `${clean(registry)} (${count(images, 'image')})`)
  return [
    ...mirrors.map(lineOf),
    ...(without.length > 0 ? [`${mark('off')} mirror   none is named for ${firstOf(without)}`] : []),
    ...(more > 0 ? [`${mark('unknown')} mirror   ${count(more, 'more image')} not looked for`] : []),
  ]
}

function lineOf(one: CoveredRegistry): string {
  const { mirror, registry, kind, counts, why } = one
  const parts = [
    `${clean(registry)} from ${clean(mirror)} (${kindText[kind]})`,
    `${count(counts.images, 'image')}: ${countsText(one)}`,
    ...(why === undefined ? [] : [clean(why, 200)]),
  ]
  return `${mark(statusOf(one))} mirror    ${parts.join(' · ')}`
}

function statusOf({ counts, images }: CoveredRegistry): Status {
  if (images.some(({ state, upstream }) => upstream.state === 'lacks' && state !== 'whole')) return 'fail'
  if (counts.partial + counts.absent > 0) return 'warn'
  if (counts.unknown > 0) return 'unknown'
  return images.length > 0 ? 'warn' : 'pass'
}

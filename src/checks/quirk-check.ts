import { count } from '../core/units.ts'
import type { Quirk } from '../facts/registry.ts'
import { type Check, defineCheck } from './define.ts'

/** A check that notes an oddity of a registry, or of a proxy in front of it, that is no fault of the image. */
export function quirkCheck(about: {
  id: string
  quirk: Quirk
  title: string
  fault: string
  advice: string
}): Check {
  const { quirk, ...rest } = about
  return defineCheck({
    ...rest,
    group: 'registry',
    severity: 'note',
    reads: ['registry.answers'],
    run: ({ registry }) =>
      registry.quirks
        .filter((seen) => seen.quirk === quirk && seen.answers > 0)
        .map(({ repository, registry: host, answers }) => ({
          subject: repository,
          message: `seen in ${count(answers, 'answer')}`,
          cause: host,
        })),
  })
}

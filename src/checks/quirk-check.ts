import { count } from '../core/units.ts'
import type { Quirk } from '../facts/registry.ts'
import { type Check, defineCheck } from './define.ts'

/** Defines the check for one quirk of a registry or of a proxy in front of it: a note, because it is not a fault of the image. */
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
          message: `in ${count(answers, 'response')}`,
          cause: host,
        })),
  })
}

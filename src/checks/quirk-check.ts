import { type Check, defineCheck, type Quirk } from '../core/model.ts'
import { count } from '../core/units.ts'

/** A check that notes an oddity of a registry, or of a proxy before it, that is no fault of the image. */
export function quirkCheck(about: {
  id: string
  quirk: Quirk
  title: string
  fault: string
  advice: string
}): Check {
  const { id, quirk, title, fault, advice } = about
  return defineCheck({
    id,
    group: 'registry',
    title,
    fault,
    severity: 'note',
    advice,
    needs: ['image'],
    run: ({ image }) =>
      image.repositories.flatMap(({ name, registry, quirks }) => {
        const seen = quirks[quirk] ?? 0
        return seen > 0
          ? [{ subject: name, message: `seen in ${count(seen, 'answer')}`, cause: registry }]
          : []
      }),
  })
}

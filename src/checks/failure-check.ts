import {
  type Check,
  defineCheck,
  type Group,
  type ImageFact,
  type Observed,
  type Severity,
  type Trouble,
  type TroubleKind,
} from '../core/model.ts'
import { count } from '../core/units.ts'
import { referenceName } from '../oci/reference.ts'
import type { Settings } from '../settings/schema.ts'

/** A trouble, and what could not be seen for it. */
export interface Met {
  why: Trouble
  subject: string
}

/** Every trouble of a run. */
export function troublesIn(image: ImageFact): Met[] {
  const met: Met[] = []
  const note = (observed: Observed<unknown> | undefined, subject: string) => {
    if (observed && !observed.seen) met.push({ why: observed.why, subject })
  }
  for (const { target, first, last } of image.targets) {
    note(first, referenceName(target.reference))
    note(last, referenceName(target.reference))
  }
  if (image.catalog) {
    const { registry, listed, unread } = image.catalog
    note(listed, `the catalog of ${registry}`)
    for (const { repository, why } of unread)
      met.push({ why, subject: `the tags of ${registry}/${repository}` })
  }
  for (const { name, manifests, blobs, referrers, anonymous } of image.repositories) {
    for (const { digest, sight } of manifests) note(sight, `${name}@${digest}`)
    for (const { digest, sight } of blobs) note(sight, `${name}@${digest}`)
    note(anonymous, `${name} without a login`)
    note(referrers, `the list of referrers of ${name}`)
  }
  return met
}

/** A check that finds one kind of trouble: one finding a host, however many objects could not be seen. */
export function troubleCheck(about: {
  id: TroubleKind
  group: Group
  title: string
  fault: string
  severity?: Severity
  advice: string
  /** A trouble that another check explains. */
  unless?: (met: Met, image: ImageFact, settings: Settings) => boolean
}): Check {
  return defineCheck({
    id: about.id,
    group: about.group,
    title: about.title,
    fault: about.fault,
    severity: about.severity ?? 'error',
    advice: about.advice,
    needs: ['image'],
    run: ({ image }, settings) => {
      const met = troublesIn(image).filter(
        (one) => one.why.kind === about.id && !about.unless?.(one, image, settings),
      )
      return [...Map.groupBy(met, ({ why }) => why.host)].map(([host, all]) => ({
        subject: host,
        message: messageOf(all),
        evidence: [...new Set(all.flatMap(({ why }) => why.evidence))].slice(0, 8),
        cause: host,
      }))
    },
  })
}

function messageOf(all: Met[]): string {
  const details = [...new Set(all.map(({ why }) => why.detail))]
  const more = details.length > 2 ? ` (and ${count(details.length - 2, 'other answer')})` : ''
  const subjects = new Set(all.map(({ subject }) => subject))
  const lost =
    subjects.size === 1 ? `${[...subjects][0]} was not seen` : `${count(subjects.size, 'object')} not seen`
  return `${details.slice(0, 2).join('; ')}${more}: ${lost}`
}

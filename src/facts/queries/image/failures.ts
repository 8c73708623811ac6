import type { Failure } from '../../../core/failure.ts'
import type { Observed } from '../../../core/observed.ts'
import { referenceName } from '../../../oci/reference.ts'
import type { Facts } from '../../facts.ts'

/** What a failure kept from being observed. */
export type FailureSource = 'target' | 'manifest' | 'blob' | 'referrers' | 'anonymous' | 'catalog' | 'tags'

/** A failure, and what could not be observed because of it. */
export interface Occurrence {
  why: Failure
  source: FailureSource
  subject: string
}

/** Every failure of a run, or those that kept one of these from being observed. */
export function failuresIn(
  { image, registry }: Pick<Facts, 'image' | 'registry'>,
  sources?: readonly FailureSource[],
): Occurrence[] {
  const occurrences: Occurrence[] = []
  const note = (observed: Observed<unknown> | undefined, source: FailureSource, subject: string) => {
    if (observed && !observed.seen) occurrences.push({ why: observed.why, source, subject })
  }
  for (const { target, first, last } of image.targets) {
    note(first, 'target', referenceName(target.reference))
    note(last, 'target', referenceName(target.reference))
  }
  if (registry.catalog) {
    const { registry: host, listed, unread } = registry.catalog
    note(listed, 'catalog', `the catalog of ${host}`)
    for (const { repository, why } of unread)
      note({ seen: false, why }, 'tags', `the tags of ${host}/${repository}`)
  }
  for (const { name, manifests, blobs, referrers, anonymous } of image.repositories) {
    for (const { digest, observed } of manifests) note(observed, 'manifest', `${name}@${digest}`)
    for (const { digest, observed } of blobs) note(observed, 'blob', `${name}@${digest}`)
    note(anonymous, 'anonymous', `${name} without a login`)
    note(referrers, 'referrers', `the list of referrers of ${name}`)
  }
  return sources ? occurrences.filter(({ source }) => sources.includes(source)) : occurrences
}

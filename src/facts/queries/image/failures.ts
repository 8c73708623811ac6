import type { Failure } from '../../../core/failure.ts'
import type { Observed } from '../../../core/observed.ts'
import { referenceName } from '../../../oci/reference.ts'
import type { Facts } from '../../facts.ts'

/** The kind of object that could not be observed. */
export type FailureSource = 'target' | 'manifest' | 'blob' | 'referrers' | 'anonymous' | 'catalog' | 'tags'

/** A failure, and the object that could not be observed because of it. */
export interface Occurrence {
  why: Failure
  source: FailureSource
  subject: string
}

/** Every failure of a run, or only those of some sources. */
export function failuresIn(
  { image, registry }: Pick<Facts, 'image' | 'registry'>,
  sources?: readonly FailureSource[],
): Occurrence[] {
  const occurrences: Occurrence[] = []
  const add = (observed: Observed<unknown> | undefined, source: FailureSource, subject: string) => {
    if (observed && !observed.seen) occurrences.push({ why: observed.why, source, subject })
  }
  for (const { target, first, last } of image.targets) {
    add(first, 'target', referenceName(target.reference))
    add(last, 'target', referenceName(target.reference))
  }
  if (registry.catalog) {
    const { registry: host, listed, unread } = registry.catalog
    add(listed, 'catalog', `the catalog of ${host}`)
    for (const { repository, why } of unread)
      add({ seen: false, why }, 'tags', `the tags of ${host}/${repository}`)
  }
  for (const { name, manifests, blobs, referrers, anonymous } of image.repositories) {
    for (const { digest, observed, byDigest } of manifests) {
      add(observed, 'manifest', `${name}@${digest}`)
      add(byDigest?.get, 'manifest', `${name}@${digest}`)
    }
    for (const { digest, observed } of blobs) add(observed, 'blob', `${name}@${digest}`)
    add(anonymous, 'anonymous', `${name} without a login`)
    add(referrers, 'referrers', `the list of referrers of ${name}`)
  }
  return sources ? occurrences.filter(({ source }) => sources.includes(source)) : occurrences
}

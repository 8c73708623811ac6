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
  const isWanted = (source: FailureSource) => sources === undefined || sources.includes(source)
  // The subject is put together only for a failure: many checks ask for all of a registry.
  const add = (observed: Observed<unknown> | undefined, source: FailureSource, subject: () => string) => {
    if (observed && !observed.seen && isWanted(source))
      occurrences.push({ why: observed.why, source, subject: subject() })
  }
  for (const { target, first, last } of image.targets) {
    const name = () => referenceName(target.reference)
    add(first, 'target', name)
    add(last, 'target', name)
  }
  if (registry.catalog) {
    const { registry: host, listed, unread } = registry.catalog
    add(listed, 'catalog', () => `the catalog of ${host}`)
    for (const { repository, why } of unread)
      add({ seen: false, why }, 'tags', () => `the tags of ${host}/${repository}`)
  }
  for (const { name, manifests, blobs, referrers, anonymous } of image.repositories) {
    for (const { digest, observed, byDigest } of manifests) {
      const subject = () => `${name}@${digest}`
      add(observed, 'manifest', subject)
      add(byDigest?.get, 'manifest', subject)
    }
    for (const { digest, observed } of blobs) add(observed, 'blob', () => `${name}@${digest}`)
    add(anonymous, 'anonymous', () => `${name} without a login`)
    add(referrers, 'referrers', () => `the list of referrers of ${name}`)
  }
  return occurrences
}

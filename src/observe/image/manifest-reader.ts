import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { Quirk } from '../../facts/registry.ts'
import { failure } from '../http/failures.ts'
import { countsManifests } from '../registry/allowance.ts'
import type { Registry } from '../registry/registry.ts'
import { type ManifestAnswer, readManifest } from './manifest.ts'
import { headDigest, headManifest, presence } from './manifest-head.ts'
import type { Settle } from './settle.ts'

/** Requests one manifest by its digest. */
export type RequestManifest = (digest: string) => Promise<Observed<ManifestAnswer>>

/** Reads the manifests of one repository: each digest once, and within the rate limit of this account. */
export interface ManifestReader {
  /** Reads what a tag or digest refers to. */
  first: (name: string) => Promise<Observed<ManifestAnswer>>
  /** How to request all of these: with GET if the rate limit allows all of them, else with HEAD, which does not count. */
  plan: (digests: string[]) => RequestManifest
}

/** A reader for one repository. */
export function createManifestReader(
  registry: Registry,
  repository: string,
  { quirk, settle }: { quirk: (found: Quirk) => void; settle: Settle },
): ManifestReader {
  const { allowance, host } = registry
  const known = new Map<string, Promise<Observed<ManifestAnswer>>>()
  const get = (name: string) =>
    settled(settle, () => readManifest(registry, repository, name, quirk)).finally(allowance.release)
  const read: RequestManifest = (digest) => {
    const one = known.get(digest) ?? get(digest)
    known.set(digest, one)
    return one
  }
  const notRead = (why: string, needed: number) => {
    const shortage = `${allowance.text()}, but ${needed} ${needed === 1 ? 'is' : 'are'} needed`
    return unseen<ManifestAnswer>(failure('rate-limited', host, 'headers', `${why}: ${shortage}`))
  }
  /** Checks only whether a manifest exists, which does not count against the rate limit. */
  const checkPresence = async (digest: string, needed: number): Promise<Observed<ManifestAnswer>> => {
    const head = await settle(() => headManifest(registry, repository, digest, presence))
    if (!head.seen) return head
    if (head.value.state === 'listed') return notRead('it is listed (HEAD), but was not read', needed)
    if (head.value.state === 'unknown') return notRead('it was not read', needed)
    // What lists it was served, so that this is the registry, marked or not.
    const refusal = { status: 404, code: '', message: '' }
    return seen({ digest, observed: { state: 'absent', refusal, elsewhere: [] } })
  }
  return {
    first: async (name) => {
      const isTag = !name.includes(':')
      const head =
        isTag && countsManifests(host) ? await headManifest(registry, repository, name, headDigest) : seen('')
      if (!head.seen) return head
      const requested = head.value || name
      if (known.has(requested)) return read(requested)
      if (!allowance.reserve(1)) return notRead('it was not read', 1)
      if (requested.includes(':')) return read(requested)
      const answer = await get(requested)
      if (answer.seen && !known.has(answer.value.digest))
        known.set(answer.value.digest, Promise.resolve(answer))
      return answer
    },
    plan: (digests) => {
      const unread = new Set(digests.filter((digest) => !known.has(digest))).size
      if (allowance.reserve(unread)) return read
      return (digest) => known.get(digest) ?? checkPresence(digest, unread)
    },
  }
}

/** Repeats the whole request while `settle` does, and keeps its digest. */
async function settled(
  settle: Settle,
  attempt: () => Promise<Observed<ManifestAnswer>>,
): Promise<Observed<ManifestAnswer>> {
  let last: Observed<ManifestAnswer> | undefined
  await settle(async () => {
    last = await attempt()
    return last.seen ? { seen: true, value: last.value.observed } : last
  })
  if (!last) throw new Error('settle made no attempt')
  return last
}

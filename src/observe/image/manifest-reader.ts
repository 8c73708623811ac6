import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { Quirk } from '../../facts/registry.ts'
import { failure } from '../http/failures.ts'
import { countsManifests } from '../registry/allowance.ts'
import type { Registry } from '../registry/registry.ts'
import { type ManifestAnswer, readManifest } from './manifest.ts'
import { headDigest, headManifest, presence } from './manifest-head.ts'
import type { Settle } from './settle.ts'

/** Asks for one manifest by its digest. */
export type AskManifest = (digest: string) => Promise<Observed<ManifestAnswer>>

/** Reads the manifests of one repository: every digest once, and inside what the registry lets this account ask for. */
export interface ManifestReader {
  /** What a tag or digest names. */
  first: (name: string) => Promise<Observed<ManifestAnswer>>
  /** How to ask for all of these: whole where the limit has room for them all, else with HEAD, which is not counted. */
  plan: (digests: string[]) => AskManifest
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
  const read: AskManifest = (digest) => {
    const one = known.get(digest) ?? get(digest)
    known.set(digest, one)
    return one
  }
  const short = (why: string, needed: number) => {
    const remedy = `${needed} ${needed === 1 ? 'is' : 'are'} needed`
    return unseen<ManifestAnswer>(
      failure('rate-limited', host, 'headers', `${why}: ${allowance.text()}, and ${remedy}`),
    )
  }
  /** Tells a manifest that is gone from one that is there, and costs nothing. */
  const peek = async (digest: string, needed: number): Promise<Observed<ManifestAnswer>> => {
    const head = await settle(() => headManifest(registry, repository, digest, presence))
    if (!head.seen) return head
    if (head.value.state === 'listed') return short('it is listed (HEAD), and was not read', needed)
    if (head.value.state === 'unanswered') return short('it was not read', needed)
    const refusal = { status: 404, code: '', message: '' }
    return seen({ digest, observed: { state: 'absent', refusal, elsewhere: [] } })
  }
  return {
    first: async (name) => {
      const isTag = !name.includes(':')
      const head =
        isTag && countsManifests(host) ? await headManifest(registry, repository, name, headDigest) : seen('')
      if (!head.seen) return head
      const asked = head.value || name
      if (known.has(asked)) return read(asked)
      if (!allowance.reserve(1)) return short('it was not read', 1)
      if (asked.includes(':')) return read(asked)
      const answer = await get(asked)
      if (answer.seen && !known.has(answer.value.digest))
        known.set(answer.value.digest, Promise.resolve(answer))
      return answer
    },
    plan: (digests) => {
      const fresh = new Set(digests.filter((digest) => !known.has(digest))).size
      if (allowance.reserve(fresh)) return read
      return (digest) => known.get(digest) ?? peek(digest, fresh)
    },
  }
}

async function settled(
  settle: Settle,
  attempt: () => Promise<Observed<ManifestAnswer>>,
): Promise<Observed<ManifestAnswer>> {
  let last: Observed<ManifestAnswer> | undefined
  await settle(async () => {
    last = await attempt()
    return last.seen ? { seen: true, value: last.value.observed } : last
  })
  if (!last) throw new Error('settle asked nothing')
  return last
}

import * as z from 'zod'
import {
  emptyState,
  imageSchema,
  type ObjectState,
  objectSchema,
  type RegistryState,
  registryLine,
  repositoryIn,
  tagSchema,
} from './state.ts'

/** One line for a repository's tags, one for each image, and one for up to so many objects. */
const objectsOfLine = 50

const line = z.object({
  repository: z.string(),
  emptied: z.number().exactOptional(),
  tags: z.record(z.string(), tagSchema).exactOptional(),
  image: imageSchema.exactOptional(),
  objects: z.array(objectSchema).exactOptional(),
})

/** The state as lines of JSON. The last one shows that none is missing. */
export function* stateLines({ repositories, ...registry }: RegistryState): Generator<string> {
  yield JSON.stringify({ regguard: 'watch', version: 2, ...registry })
  for (const [repository, { emptied, tags, images, objects }] of repositories) {
    yield JSON.stringify({ repository, emptied, tags: Object.fromEntries(tags) })
    for (const image of images.values()) yield JSON.stringify({ repository, image })
    const all = [...objects.values()]
    for (let at = 0; at < all.length; at += objectsOfLine)
      yield JSON.stringify({ repository, objects: all.slice(at, at + objectsOfLine) })
  }
  yield JSON.stringify({ end: repositories.size })
}

/** Reads such lines one by one. `end` gives the state, or why it is not known. */
export interface StateReader {
  /** Returns false where nothing more needs to be read. */
  take: (text: string) => boolean
  end: () => { ok: true; state: RegistryState } | { ok: false; why: string }
}

/** A reader of the lines of one registry's state. */
export function createStateReader(registry: string): StateReader {
  let state: RegistryState | undefined
  let number = 0
  let complete = false
  let why: string | undefined
  // Of each digest one string is kept, however often the lines have it.
  const digests = new Map<string, string>()
  const shared = (digest: string): string => {
    const known = digests.get(digest)
    if (known !== undefined) return known
    digests.set(digest, digest)
    return digest
  }
  const refuse = (reason: string) => {
    why ??= reason
    return false
  }
  const head = (json: unknown): boolean => {
    const first = registryLine.safeParse(json)
    if (!first.success) return refuse('is not a state of this version of regguard')
    const { regguard: _kind, version: _version, ...rest } = first.data
    if (rest.registry !== registry) return refuse(`is the state of ${rest.registry}`)
    state = { ...emptyState(registry), ...rest }
    return true
  }
  const add = (into: RegistryState, json: unknown): boolean => {
    if (z.object({ end: z.number() }).safeParse(json).success) {
      complete = true
      return true
    }
    const parsed = line.safeParse(json)
    if (!parsed.success || complete) return refuse(`is not valid at line ${number}`)
    const { repository, emptied, tags = {}, image, objects = [] } = parsed.data
    const known = repositoryIn(into, repository)
    if (emptied !== undefined) known.emptied = emptied
    for (const [tag, one] of Object.entries(tags)) known.tags.set(tag, one)
    for (const one of objects as ObjectState[]) known.objects.set(shared(one.digest), one)
    if (image)
      known.images.set(image.digest, {
        ...image,
        manifests: image.manifests.map(shared),
        blobs: image.blobs.map(shared),
      })
    return true
  }
  return {
    take: (text) => {
      number += 1
      try {
        const json: unknown = JSON.parse(text)
        return state === undefined ? head(json) : add(state, json)
      } catch {
        return refuse(
          number === 1 ? 'is not a state of this version of regguard' : `is not valid at line ${number}`,
        )
      }
    },
    end: () => {
      if (why !== undefined) return { ok: false, why }
      if (state === undefined) return { ok: false, why: 'is empty' }
      return complete ? { ok: true, state } : { ok: false, why: 'ends too early' }
    },
  }
}

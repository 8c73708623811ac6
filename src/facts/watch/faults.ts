import { matchesAny } from './plan.ts'
import { type RegistryState, tagsByImage, type WatchFault } from './state.ts'

/** A known fault that causes no alert until it expires. `*` in a repository stands for any text. */
export interface Accepted {
  registry?: string
  repository: string
  digest?: string
  tag?: string
  id?: string
  reason: string
  /** Milliseconds since the epoch. */
  expires: number
}

/** A fault, where it is, and why it is accepted, if it is. */
export interface PlacedFault {
  repository: string
  /** The tags that cannot be pulled, or not on every platform. */
  tags: string[]
  /** The image that the tags refer to; absent for a tag without one. */
  image?: string
  fault: WatchFault
  accepted?: { reason: string; expires: number }
}

/** Every confirmed fault, once for each object: an object that several images share is one fault. Those seen first come first. */
export function confirmedFaults(
  state: RegistryState,
  accepted: readonly Accepted[],
  now: number,
): PlacedFault[] {
  const found = new Map<string, PlacedFault>()
  for (const repository of state.repositories.values()) {
    const tagged = tagsByImage(repository)
    const add = (fault: WatchFault, tags: string[], image?: string) => {
      if (fault.confirmed === undefined || tags.length === 0) return
      const key = `${repository.name} ${fault.id} ${fault.digest ?? fault.subject}`
      const known = found.get(key)
      if (known) known.tags.push(...tags.filter((tag) => !known.tags.includes(tag)))
      else
        found.set(key, { repository: repository.name, tags: [...tags], ...(image ? { image } : {}), fault })
    }
    for (const [tag, { fault }] of repository.tags) if (fault) add(fault, [tag])
    for (const image of repository.images.values())
      for (const fault of image.faults) add(fault, tagged.get(image.digest) ?? [], image.digest)
  }
  return [...found.values()]
    .map((placed) => {
      const entry = accepted.find((one) => now < one.expires && accepts(one, placed, state.registry))
      return entry ? { ...placed, accepted: { reason: entry.reason, expires: entry.expires } } : placed
    })
    .toSorted((a, b) => a.fault.firstSeen - b.fault.firstSeen)
}

/** The faults that count. */
export const failing = (state: RegistryState, accepted: readonly Accepted[], now: number): PlacedFault[] =>
  confirmedFaults(state, accepted, now).filter((placed) => placed.accepted === undefined)

function accepts(one: Accepted, { repository, tags, image, fault }: PlacedFault, registry: string): boolean {
  return (
    (one.registry === undefined || one.registry === registry) &&
    matchesAny(repository, [one.repository]) &&
    (one.id === undefined || one.id === fault.id) &&
    (one.digest === undefined || one.digest === fault.digest || one.digest === image) &&
    (one.tag === undefined || tags.every((tag) => matchesAny(tag, [one.tag ?? ''])))
  )
}

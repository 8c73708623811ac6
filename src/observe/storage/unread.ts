import { nothingUnread, type StorageFact, type UnreadPlace } from '../../facts/storage.ts'

/** So many places of each kind are named in each half; all are counted. */
const maxPlaces = 20

/** Collects what could not be read. */
export interface UnreadList {
  add: (place: UnreadPlace) => void
  fact: () => StorageFact['unread']
}

export function createUnreadList(): UnreadList {
  const { counts, places } = nothingUnread()
  const named = new Map<string, number>()
  return {
    add: (place) => {
      const { half, kind } = place
      counts[half] += 1
      counts[kind] += 1
      const before = named.get(`${half} ${kind}`) ?? 0
      named.set(`${half} ${kind}`, before + 1)
      if (before < maxPlaces) places.push(place)
    },
    fact: () => ({ counts: { ...counts }, places: places.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }),
  }
}

import type { Element, Field, Key, Pattern } from './model.ts'
import type { Reading } from './packet.ts'

/** A value that is demanded of a packet: a text, or one of a range of numbers that can be looked up by its first. */
export interface Demand {
  field: Field
  /** Of the range, a power of two; 0 for a text. */
  size: bigint
  value: string | bigint
}

/** Numbers of items by value, by size, by field. */
type Places = Map<Field, Map<bigint, Map<string | bigint, number[]>>>

/** Finds the items whose demands a packet may meet, in their order. */
export type Lookup<T> = (read: (field: Field) => Reading) => readonly T[]

/**
 * Puts each item where the rarest of its demands leads; each is a list of values of which one has to be there. Items without a demand are
 * always among the result.
 */
export function lookupOf<T>(items: readonly T[], demandsOf: (item: T) => Demand[][]): Lookup<T> {
  const demands = items.map(demandsOf)
  const all: Places = new Map()
  for (const [at, lists] of demands.entries())
    for (const demand of lists.flat()) placesIn(all, demand).push(at)
  const rarity = (list: Demand[]) => Math.max(...list.map((demand) => placesIn(all, demand).length))
  const places: Places = new Map()
  const others: number[] = []
  for (const [at, lists] of demands.entries()) {
    const rarest = lists.length > 1 ? lists.toSorted((a, b) => rarity(a) - rarity(b))[0] : lists[0]
    if (!rarest) others.push(at)
    else for (const demand of rarest) placesIn(places, demand).push(at)
  }
  const otherItems = others.map((at) => items[at] as T)
  return (read) => {
    const found: number[] = []
    for (const [field, sizes] of places) {
      const value = read(field)
      if (value === undefined) return items
      if (value === null) continue
      for (const [size, values] of sizes)
        for (const at of values.get(startOf(value, size)) ?? []) found.push(at)
    }
    if (found.length === 0) return otherItems
    return [...new Set([...found, ...others])].toSorted((a, b) => a - b).map((at) => items[at] as T)
  }
}

const startOf = (value: string | bigint, size: bigint): string | bigint =>
  typeof value === 'bigint' && size > 1n ? value - (value % size) : value

function placesIn(places: Places, { field, size, value }: Demand): number[] {
  const sizes = places.get(field) ?? new Map<bigint, Map<string | bigint, number[]>>()
  places.set(field, sizes)
  const values = sizes.get(size) ?? new Map<string | bigint, number[]>()
  sizes.set(size, values)
  const items = values.get(value) ?? []
  values.set(value, items)
  return items
}

/** What a pattern demands of a field; undefined where it cannot be looked up. */
export function demandOf(field: Field, pattern: Pattern | 'unknown' | undefined): Demand | undefined {
  if (pattern === undefined || pattern === 'unknown' || 'bits' in pattern) return undefined
  if ('text' in pattern) return pattern.prefix ? undefined : { field, size: 0n, value: pattern.text }
  const { first, last } = pattern
  if (first === last) return { field, size: 1n, value: first }
  const size = last - first + 1n
  const isAligned = size > 0n && (size & (size - 1n)) === 0n && first % size === 0n
  return isAligned ? { field, size, value: first } : undefined
}

const minElements = 64
const lookups = new WeakMap<Element[], Lookup<Element>>()

/** Of the elements of a set or map, in their order, all that may match: a list of banned addresses can have tens of thousands. */
export function elementsFor(
  elements: Element[],
  keys: Key[],
  read: (field: Field) => Reading,
): readonly Element[] {
  if (elements.length < minElements || keys.some(({ mask }) => mask !== undefined)) return elements
  // The elements of a set are read for these fields.
  const known = lookups.get(elements)
  if (known) return known(read)
  const made = lookupOf(elements, ({ patterns }) =>
    patterns.length === keys.length
      ? keys.flatMap(({ field }, at) => {
          const demand = demandOf(field, patterns[at])
          return demand ? [[demand]] : []
        })
      : [],
  )
  lookups.set(elements, made)
  return made(read)
}

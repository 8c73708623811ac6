import type { Field, MatchStep, Pattern, Rule } from './model.ts'
import { type Packet, read } from './packet.ts'

/** A shorter chain is as fast without an index, which also takes the time of some ways through a chain to make. */
const minRules = 8
const minPackets = 10
/** A rule with longer lists is always looked at. */
const maxElements = 64
/** What no rule changes while a packet goes through a base chain. */
const fixed = new Set<Field>([
  ...(['iif', 'oif', 'saddr4', 'daddr4', 'saddr6', 'daddr6', 'protocol', 'sport', 'dport'] as const),
])

/** A value that a match demands: a text, or one of a range of numbers that can be looked up by its first. */
interface Entry {
  field: Field
  /** Of the range, a power of two; 0 for a text. */
  size: bigint
  value: string | bigint
}

/** Places of rules by value, by size, by field. */
type Places = Map<Field, Map<bigint, Map<string | bigint, number[]>>>

/**
 * Finds the rules of a chain that may match a packet, in their order, without a look at each: a host can have tens of thousands, and
 * many packets are followed. Each rule has its place by the rarest of the values that it demands; rules that demand none that can be
 * looked up are always among the result.
 */
export function ruleIndex(rules: Rule[]): (packet: Packet) => readonly Rule[] {
  let packets = 0
  let find: ReturnType<typeof indexOf> | undefined
  return (packet) => {
    packets += 1
    if (rules.length < minRules || packets < minPackets) return rules
    find ??= indexOf(rules)
    return find(packet)
  }
}

function indexOf(rules: Rule[]): (packet: Packet) => readonly Rule[] {
  const demands = rules.map(demandsOf)
  const all: Places = new Map()
  for (const [at, lists] of demands.entries()) for (const entry of lists.flat()) placesIn(all, entry).push(at)
  const rarity = (entries: Entry[]) => Math.max(...entries.map((entry) => placesIn(all, entry).length))
  const places: Places = new Map()
  const others: number[] = []
  for (const [at, lists] of demands.entries()) {
    const rarest = lists.length > 1 ? lists.toSorted((a, b) => rarity(a) - rarity(b))[0] : lists[0]
    if (!rarest) others.push(at)
    else for (const entry of rarest) placesIn(places, entry).push(at)
  }
  const otherRules = others.flatMap((at) => rules[at] ?? [])
  return (packet) => {
    const found: number[] = []
    for (const [field, sizes] of places) {
      const value = read(packet, field)
      if (value === undefined) return rules
      if (value === null) continue
      for (const [size, values] of sizes)
        for (const at of values.get(startOf(value, size)) ?? []) found.push(at)
    }
    if (found.length === 0) return otherRules
    return [...new Set([...found, ...others])].toSorted((a, b) => a - b).flatMap((at) => rules[at] ?? [])
  }
}

const startOf = (value: string | bigint, size: bigint): string | bigint =>
  typeof value === 'bigint' && size > 1n ? value - (value % size) : value

function placesIn(places: Places, { field, size, value }: Entry): number[] {
  const sizes = places.get(field) ?? new Map<bigint, Map<string | bigint, number[]>>()
  places.set(field, sizes)
  const values = sizes.get(size) ?? new Map<string | bigint, number[]>()
  sizes.set(size, values)
  const rules = values.get(value) ?? []
  values.set(value, rules)
  return rules
}

/** What a rule demands before it does anything: for each match that can be looked up, the values of which one has to be there. */
function demandsOf({ steps }: Rule): Entry[][] {
  const end = steps.findIndex(({ kind }) => kind !== 'match' && kind !== 'unknown')
  return steps
    .slice(0, end === -1 ? steps.length : end)
    .flatMap((step) => (step.kind === 'match' ? entriesOf(step) : []))
}

function entriesOf({ keys, elements, incomplete, negated }: MatchStep): Entry[][] {
  if (incomplete || negated || elements.length === 0 || elements.length > maxElements) return []
  if (elements.some(({ patterns }) => patterns.length !== keys.length)) return []
  return keys.flatMap(({ field, mask }, at) => {
    if (!fixed.has(field) || mask !== undefined) return []
    const entries = elements.flatMap(({ patterns }) => entryOf(field, patterns[at]) ?? [])
    return entries.length === elements.length ? [entries] : []
  })
}

function entryOf(field: Field, pattern: Pattern | 'unknown' | undefined): Entry | undefined {
  if (pattern === undefined || pattern === 'unknown' || 'bits' in pattern) return undefined
  if ('text' in pattern) return pattern.prefix ? undefined : { field, size: 0n, value: pattern.text }
  const { first, last } = pattern
  if (first === last) return { field, size: 1n, value: first }
  const size = last - first + 1n
  const isAligned = size > 0n && (size & (size - 1n)) === 0n && first % size === 0n
  return isAligned ? { field, size, value: first } : undefined
}

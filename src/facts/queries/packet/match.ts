import { elementsFor } from './lookup.ts'
import type { Element, Key, MatchStep, Pattern } from './model.ts'
import { type Packet, type Reading, read } from './packet.ts'

/** Whether a rule matches a packet; `maybe` where that depends on something that is not known. */
export type Match = 'yes' | 'no' | 'maybe'

const and = (a: Match, b: Match): Match => (a === 'no' || b === 'no' ? 'no' : a === 'yes' ? b : a)
const or = (a: Match, b: Match): Match => (a === 'yes' || b === 'yes' ? 'yes' : a === 'no' ? b : a)
const not = (a: Match): Match => (a === 'yes' ? 'no' : a === 'no' ? 'yes' : 'maybe')

/** Whether any element matches the packet. A field that the packet does not have ends the rule, negated or not. */
export function matches(
  packet: Packet,
  { keys, elements, incomplete, negated, holdsWithout }: MatchStep,
): Match {
  const values = valuesOf(packet, keys)
  if (!values) return holdsWithout ? 'yes' : 'no'
  let found: Match = incomplete ? 'maybe' : 'no'
  for (const element of elementsFor(elements, keys, (field) => read(packet, field))) {
    found = or(found, elementMatches(values, element))
    if (found === 'yes') break
  }
  return negated ? not(found) : found
}

/** What the keys read; undefined where the packet lacks one of these fields. */
export function valuesOf(packet: Packet, keys: Key[]): Exclude<Reading, null>[] | undefined {
  const values: Exclude<Reading, null>[] = []
  for (const { field, mask } of keys) {
    const value = read(packet, field)
    if (value === null) return undefined
    values.push(mask === undefined || typeof value !== 'bigint' ? value : value & mask)
  }
  return values
}

export function elementMatches(values: Reading[], { patterns }: Element): Match {
  if (patterns.length !== values.length) return 'maybe'
  let all: Match = 'yes'
  for (const [at, pattern] of patterns.entries()) {
    all = and(all, fits(values[at], pattern))
    if (all === 'no') break
  }
  return all
}

function fits(value: Reading, pattern: Pattern | 'unknown'): Match {
  if (value === undefined || value === null || pattern === 'unknown') return 'maybe'
  if (typeof value === 'string') {
    if (!('text' in pattern)) return 'maybe'
    return said(pattern.prefix ? value.startsWith(pattern.text) : value === pattern.text)
  }
  if ('bits' in pattern) return said((value & pattern.bits) !== 0n)
  return 'text' in pattern ? 'maybe' : said(pattern.first <= value && value <= pattern.last)
}

const said = (holds: boolean): Match => (holds ? 'yes' : 'no')

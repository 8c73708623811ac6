import type { Fault } from './fault-types.ts'
import type { RequestLine } from './types.ts'

/** Which requests a fault is for. All that is given must hold. */
export type Match = {
  method?: string
  /** A string is the exact path without query; an expression is tried on path and query. */
  path?: RegExp | string
  /** The digest that the path ends in. */
  digest?: string
  /** Anything else about the request. */
  when?: (line: RequestLine) => boolean
  /** How many matching requests to let through first. */
  skip?: number
  /** How many requests to spoil; without it, all. */
  times?: number
}

/** A rule that is in force, and how often it has been so far. */
export type ActiveFault = { readonly hits: number; remove(): void }

/** The faults of one registry. Rules that match the same request are applied in the order they were added. */
export type Faults = {
  /** `add({ digest, times: 1 }, { status: 503 })`; several faults are applied to the same answer. */
  add(match: Match, ...faults: Fault[]): ActiveFault
  clear(): void
  /** The faults for this request; counts it. */
  take(line: RequestLine): Fault[]
}

type Rule = { match: Match; faults: Fault[]; seen: number; hits: number }

/** No faults yet. */
export function createFaults(): Faults {
  const rules = new Set<Rule>()
  return {
    add(match, ...faults) {
      const rule: Rule = { match, faults, seen: 0, hits: 0 }
      rules.add(rule)
      return {
        get hits() {
          return rule.hits
        },
        remove: () => void rules.delete(rule),
      }
    },
    clear: () => rules.clear(),
    take: (line) => [...rules].filter((rule) => applies(rule, line)).flatMap(({ faults }) => faults),
  }
}

function applies(rule: Rule, line: RequestLine): boolean {
  const { match } = rule
  if (!isFor(match, line)) return false
  rule.seen += 1
  if (rule.seen <= (match.skip ?? 0) || rule.hits >= (match.times ?? Number.POSITIVE_INFINITY)) return false
  rule.hits += 1
  return true
}

function isFor({ method, path, digest, when }: Match, line: RequestLine): boolean {
  if (method !== undefined && method !== line.method) return false
  if (typeof path === 'string' && path !== line.pathname) return false
  if (path instanceof RegExp && line.path.search(path) < 0) return false
  if (digest !== undefined && !line.pathname.endsWith(`/${digest}`)) return false
  return when?.(line) ?? true
}

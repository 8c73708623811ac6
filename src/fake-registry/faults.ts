import type { Fault } from './fault-types.ts'
import type { RequestLine } from './types.ts'

/** The requests that a fault applies to. All given conditions must hold. */
export type Match = {
  method?: string
  /** A string is the exact path without the query; a regular expression is matched against path and query. */
  path?: RegExp | string
  /** The digest that the path ends in. */
  digest?: string
  /** Any other condition. */
  when?: (line: RequestLine) => boolean
  /** How many matching requests to leave alone first. */
  skip?: number
  /** How many requests to apply the fault to; all by default. */
  times?: number
}

/** A fault in effect, and how often it was applied. */
export type ActiveFault = { readonly hits: number; remove(): void }

/** The faults of one registry. Rules that match the same request are applied in the order they were added. */
export type Faults = {
  /** `add({ digest, times: 1 }, { status: 503 })`; several faults apply to the same response. */
  add(match: Match, ...faults: Fault[]): ActiveFault
  clear(): void
  /** The faults that apply to this request, which counts as a hit. */
  take(line: RequestLine): Fault[]
}

type Rule = { match: Match; faults: Fault[]; seen: number; hits: number }

/** Creates an empty set of faults. */
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
  if (!matches(match, line)) return false
  rule.seen += 1
  if (rule.seen <= (match.skip ?? 0) || rule.hits >= (match.times ?? Number.POSITIVE_INFINITY)) return false
  rule.hits += 1
  return true
}

function matches({ method, path, digest, when }: Match, line: RequestLine): boolean {
  if (method !== undefined && method !== line.method) return false
  if (typeof path === 'string' && path !== line.pathname) return false
  if (path instanceof RegExp && line.path.search(path) < 0) return false
  if (digest !== undefined && !line.pathname.endsWith(`/${digest}`)) return false
  return when?.(line) ?? true
}

import type { ChainFact } from '../../../facts/runner.ts'

/** 50,000 rules of 120 characters are 6 MB of JSON, which a sibling hands over in its log. */
const maxRules = 50_000
const maxChains = 50_000
const longestRule = 1000
/** Rules of one Kubernetes service, endpoint or pod: the bulk on large nodes, and no finding rests on them. */
const serviceChain =
  /^(?:KUBE-(?:SVC|SVL|SEP|EXT|XLB|FW|POD-FW|NWPLCY|SRC|DST)-|KUBE-SERVICES$|cali-(?:tw|fw|pi|po|pri|pro)-|CNI-DN-)/
const maxBulk = 5000

export const isServiceChain = (name: string): boolean => serviceChain.test(name)

/** How much of a packet filter is kept; one for each reading of all backends. */
export interface RuleBudget {
  /** Adds a rule to its chain, unless the limit is reached. */
  keep(chain: ChainFact, rule: string): void
  /** False when no chain more is kept. */
  chain(): boolean
  /** Whether a rule or chain was not kept other than those of single services. */
  truncated(): boolean
  /** How many rules there were. */
  rules(): number
}

export function ruleBudget(): RuleBudget {
  let [rules, bulk, all, chains] = [0, 0, 0, 0]
  let cut = false
  return {
    keep(chain, rule) {
      all += 1
      if (isServiceChain(chain.name)) {
        bulk += 1
        if (bulk > maxBulk) {
          chain.leftOut = (chain.leftOut ?? 0) + 1
          return
        }
      } else {
        rules += 1
        if (rules > maxRules) {
          cut = true
          return
        }
      }
      chain.rules.push(rule.slice(0, longestRule))
    },
    chain() {
      chains += 1
      if (chains > maxChains) cut = true
      return chains <= maxChains
    },
    truncated: () => cut,
    rules: () => all,
  }
}

import type { ChainFact } from '../../../facts/runner.ts'

/** 50,000 rules of 120 characters are 6 MB of JSON, which a sibling prints. */
const maxRules = 50_000
const maxChains = 50_000
const maxElements = 20_000
const maxRuleLength = 1000
/** Chains of single Kubernetes services, endpoints or pods: most rules on large nodes, and no finding depends on them. */
const serviceChain =
  /^(?:KUBE-(?:SVC|SVL|SEP|EXT|XLB|FW|POD-FW|NWPLCY|SRC|DST)-|KUBE-SERVICES$|cali-(?:tw|fw|pi|po|pri|pro)-|CNI-DN-)/
const maxServiceRules = 5000

export const isServiceChain = (name: string): boolean => serviceChain.test(name)

/** Limits how much of a packet filter is kept; one budget per reading of all backends. */
export interface RuleBudget {
  /** Adds a rule to its chain unless the limit is reached. */
  keep(chain: ChainFact, rule: string): void
  /** Counts a chain; false when it must not be kept. */
  chain(): boolean
  /** Counts an element of a set; false when it must not be kept. */
  element(): boolean
  /** Whether a rule or chain was dropped, other than rules of single services. */
  truncated(): boolean
  /** How many rules there were, kept or not. */
  rules(): number
}

export function ruleBudget(): RuleBudget {
  let [rules, serviceRules, otherRules, chains, elements] = [0, 0, 0, 0, 0]
  let truncated = false
  return {
    keep(chain, rule) {
      rules += 1
      if (isServiceChain(chain.name)) {
        serviceRules += 1
        if (serviceRules > maxServiceRules) {
          chain.leftOut = (chain.leftOut ?? 0) + 1
          return
        }
      } else {
        otherRules += 1
        if (otherRules > maxRules) {
          truncated = true
          return
        }
      }
      chain.rules.push(rule.slice(0, maxRuleLength))
    },
    chain() {
      chains += 1
      if (chains > maxChains) truncated = true
      return chains <= maxChains
    },
    element() {
      elements += 1
      return elements <= maxElements
    },
    truncated: () => truncated,
    rules: () => rules,
  }
}

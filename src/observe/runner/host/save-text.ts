import type { ChainFact, TableFact } from '../../../facts/runner.ts'
import { linesOf } from './lines.ts'
import { isServiceChain, type RuleBudget } from './rule-budget.ts'

const longestName = 64
/** iptables knows five. */
const maxTables = 64

/** What an `iptables-save` printed. */
export interface SaveText {
  tables: TableFact[]
  /** Rules that a newer iptables wrote, with parts that this one cannot read; those of single services don't count. */
  unsupported: number
}

/**
 * Reads the output of iptables-save and ip6tables-save of either backend, with or without `-c` (iptables-save(8)): `*table`,
 * `:CHAIN POLICY [packets:bytes]`, `-A CHAIN rule`, `COMMIT`. Counters are left out, and what is none of these. A table that
 * nft made in a way that iptables has no words for is a comment here: readNative lists it.
 */
export function parseSave(
  text: string,
  { backend, family }: Pick<TableFact, 'backend' | 'family'>,
  budget: RuleBudget,
): SaveText {
  const found: SaveText = { tables: [], unsupported: 0 }
  let chains: Map<string, ChainFact> | undefined
  for (const line of linesOf(text)) {
    if (line.startsWith('*')) {
      if (found.tables.length === maxTables) break
      const table: TableFact = { backend, family, name: line.slice(1, longestName + 1).trim(), chains: [] }
      chains = new Map()
      found.tables.push(table)
    } else if (line.startsWith('COMMIT')) {
      chains = undefined
    } else if (chains) {
      const table = found.tables.at(-1)
      if (table && readLine(line, table, chains, budget)) found.unsupported += 1
    }
  }
  return found
}

const chainLine = /^:(\S{1,64}) (\S{1,32})(?: \[\d+:\d+\])?$/
const ruleLine = /^(?:\[\d+:\d+\] )?-A (\S{1,64}) ?(.*)$/
/** How iptables prints what a newer version wrote. */
const unsupported = /\[unsupported revision\]|unknown (?:match|target|data)/

/** Adds a chain or rule to its table; true for a rule with parts that this iptables cannot read. */
function readLine(
  line: string,
  table: TableFact,
  chains: Map<string, ChainFact>,
  budget: RuleBudget,
): boolean {
  const [, chainName, policy] = chainLine.exec(line) ?? []
  if (chainName !== undefined) {
    // A base chain has a policy, and is called like the hook it is at.
    addChain({ name: chainName, ...(policy === '-' ? {} : { policy, hook: chainName }), rules: [] })
    return false
  }
  const [, ruleChain, rule] = ruleLine.exec(line) ?? []
  if (ruleChain === undefined || rule === undefined) return false
  // Every chain is announced before its rules; a text that was cut in front may lack that.
  const chain = chains.get(ruleChain) ?? addChain({ name: ruleChain, rules: [] })
  // Before 1.6 iptables-save put a blank after each rule.
  if (chain) budget.keep(chain, rule.trimEnd())
  return unsupported.test(rule) && !isServiceChain(ruleChain)

  function addChain(chain: ChainFact): ChainFact | undefined {
    if (!budget.chain()) return undefined
    chains.set(chain.name, chain)
    table.chains.push(chain)
    return chain
  }
}

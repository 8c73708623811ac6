import type { ChainFact, TableFact } from '../../../facts/runner.ts'
import { linesOf } from './lines.ts'
import { isServiceChain, type RuleBudget } from './rule-budget.ts'

const maxNameLength = 64
/** iptables has five. */
const maxTables = 64

/** The parsed output of iptables-save. */
export interface SaveText {
  tables: TableFact[]
  /** Rules with parts that only a newer iptables can read; rules of single services are not counted. */
  unsupported: number
  /** Tables that also have base chains of nft, which are not printed. */
  mixed: string[]
}

/**
 * Parses the output of iptables-save and ip6tables-save of either backend, with or without `-c` (iptables-save(8)): `*table`,
 * `:CHAIN POLICY [packets:bytes]`, `-A CHAIN rule`, `COMMIT`. Counters and all other lines are dropped. A table of nft that
 * iptables cannot express is only a comment here; `readNative` reads it.
 */
export function parseSave(
  text: string,
  { backend, family }: Pick<TableFact, 'backend' | 'family'>,
  budget: RuleBudget,
): SaveText {
  const save: SaveText = { tables: [], unsupported: 0, mixed: [] }
  let chains: Map<string, ChainFact> | undefined
  for (const line of linesOf(text)) {
    const mixed = mixedLine.exec(line)?.[1]
    if (mixed !== undefined) save.mixed.push(mixed)
    if (line.startsWith('*')) {
      if (save.tables.length === maxTables) break
      const table: TableFact = { backend, family, name: line.slice(1, maxNameLength + 1).trim(), chains: [] }
      chains = new Map()
      save.tables.push(table)
    } else if (line.startsWith('COMMIT')) {
      chains = undefined
    } else if (chains) {
      const table = save.tables.at(-1)
      if (table && readLine(line, table, chains, budget)) save.unsupported += 1
    }
  }
  return save
}

const mixedLine = /^# Table `(\S{1,64})' contains incompatible base-chains/
const chainLine = /^:(\S{1,64}) (\S{1,32})(?: \[\d+:\d+\])?$/
const ruleLine = /^(?:\[\d+:\d+\] )?-A (\S{1,64}) ?(.*)$/
/** How iptables prints parts written by a newer version. */
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
    // A base chain has a policy and the name of its hook.
    addChain({ name: chainName, ...(policy === '-' ? {} : { policy, hook: chainName }), rules: [] })
    return false
  }
  const [, ruleChain, rule] = ruleLine.exec(line) ?? []
  if (ruleChain === undefined || rule === undefined) return false
  // Every chain is declared before its rules, unless the beginning of the text is missing.
  const chain = chains.get(ruleChain) ?? addChain({ name: ruleChain, rules: [] })
  // Before 1.6, iptables-save printed a blank after each rule.
  if (chain) budget.keep(chain, rule.trimEnd())
  return unsupported.test(rule) && !isServiceChain(ruleChain)

  function addChain(chain: ChainFact): ChainFact | undefined {
    if (!budget.chain()) return undefined
    chains.set(chain.name, chain)
    table.chains.push(chain)
    return chain
  }
}

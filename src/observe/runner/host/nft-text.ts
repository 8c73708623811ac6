import type { ChainFact, TableFact } from '../../../facts/runner.ts'
import { linesOf } from './lines.ts'
import { priorityOf } from './nft-priority.ts'
import type { RuleBudget } from './rule-budget.ts'

const families = new Set(['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'])

type NftSet = NonNullable<TableFact['sets']>[number]

/** A table as `nft list tables` names it. */
export type TableName = Pick<TableFact, 'family' | 'name'>

/** Parses `nft list tables`: `table inet firewalld`, one per line. */
export function parseTableNames(text: string): TableName[] {
  return text.split('\n').flatMap((line) => {
    const [, family = '', name = ''] = /^table (\S+) (\S{1,64})$/.exec(line.trim()) ?? []
    return families.has(family) ? [{ family: family as TableFact['family'], name }] : []
  })
}

const maxElementLength = 200

/**
 * Parses `nft list table` (libnftables). Blocks are recognised by indentation, as a comment may contain any brace: one tab for a
 * chain, set or map, two for its contents, three or more for the continuation of a line. Undefined without a table.
 */
export function parseNftTable(text: string, budget: RuleBudget): TableFact | undefined {
  let table: TableFact | undefined
  let chain: ChainFact | undefined
  let set: NftSet | undefined
  for (const line of linesOf(text)) {
    const depth = /^\t*/.exec(line)?.[0].length ?? 0
    const words = line.trim()
    if (depth === 0) {
      const [, family = '', name = ''] = /^table (\S+) (\S{1,64}) \{/.exec(words) ?? []
      if (!table && families.has(family))
        table = { backend: 'native', family: family as TableFact['family'], name, chains: [] }
    } else if (depth === 1 && table) {
      chain = undefined
      set = undefined
      const [, kind, name = ''] = /^(chain|set|map) (\S{1,128}) \{/.exec(words) ?? []
      if (kind === 'chain' && budget.chain()) {
        chain = { name, rules: [] }
        table.chains.push(chain)
      } else if (kind === 'set' || kind === 'map') {
        set = { name, elements: [] }
        table.sets = [...(table.sets ?? []), set]
      }
    } else if (chain) {
      readInChain(chain, { words, depth, family: table?.family ?? 'ip' }, budget)
    } else if (set && words !== '') {
      readElements(set, { words, depth }, budget)
    }
  }
  return table
}

interface Line {
  words: string
  depth: number
}

interface ChainLine extends Line {
  family: TableFact['family']
}

function readInChain(chain: ChainFact, { words, depth, family }: ChainLine, budget: RuleBudget): void {
  const [, type, hook] = /^type (\S+) hook (\S+)/.exec(words) ?? []
  if (type !== undefined && hook !== undefined) {
    const policy = /policy (\w+);/.exec(words)?.[1]
    const priority = priorityOf(/ priority ([^;]+);/.exec(words)?.[1] ?? '', family)
    const devices = devicesIn(words)
    Object.assign(chain, {
      ...{ hook, type },
      ...(policy === undefined ? {} : { policy }),
      ...(priority === undefined ? {} : { priority }),
      ...(devices.length === 0 ? {} : { devices }),
    })
  } else if (depth > 2 || words === '}') {
    const last = chain.rules.length - 1
    const before = chain.rules[last]
    if (before !== undefined && before.length < maxRuleLength) chain.rules[last] = `${before} ${words}`
  } else if (words !== '' && !/^(?:comment "|devices? = |policy |flags )/.test(words)) {
    budget.keep(chain, withoutCounters(words))
  }
}

/** `device "lo"` or `devices = { "eth0", "eth1" }`. */
function devicesIn(words: string): string[] {
  const listed = / devices? (?:= )?(\{[^}]*\}|\S+)/.exec(words)?.[1] ?? ''
  return listed.split(/[\s{},"]+/).filter((name) => name !== '')
}

const maxRuleLength = 1000

/** `nft -s` already omits counters; a recorded listing may contain them. */
const withoutCounters = (rule: string): string => rule.replace(/\bcounter packets \d+ bytes \d+/g, 'counter')

/** `elements = { "br-a" : jump x,` and its continuation lines; commas inside strings do not separate elements. */
function readElements(set: NftSet, { words, depth }: Line, budget: RuleBudget): void {
  const listed = /^elements = \{(.*)$/.exec(words)?.[1] ?? (depth > 2 ? words : undefined)
  for (const [element] of listed?.matchAll(/(?:"[^"]*"|[^",}])+/g) ?? []) {
    const plain = element.trim()
    if (plain === '') continue
    if (budget.element()) set.elements.push(plain.slice(0, maxElementLength))
    else set.incomplete = true
  }
}

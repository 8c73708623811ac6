import type { ChainFact, RulesFact, TableFact } from '../../runner.ts'
import { type Ipsets, setSteps } from './ipsets.ts'
import { parseSavedRule } from './iptables-rule.ts'
import type { BaseChain, Chain, Elements, Filter, Hook, Rule, Step, Table } from './model.ts'
import { parseNftRule } from './nft-rule.ts'
import { namedElements } from './nft-values.ts'
import { ruleIndex } from './rule-index.ts'

const hooks: Record<string, Hook> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
}
const nftHooks = new Set<string>([...Object.values(hooks), 'ingress', 'egress'])

/** Priorities of the tables of iptables (uapi/linux/netfilter_ipv4.h). */
const savedPriority: Record<string, number> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 }

/** The base chains of all tables with their rules; a chain's rules are parsed when a packet first gets there. */
export function filterOf(tables: TableFact[], ipsets?: RulesFact['ipsets']): Filter {
  const sets = new Map(ipsets?.sets.map((set) => [set.name, set]))
  const bases = tables.flatMap((fact) => {
    const table: Table = {
      ...{ backend: fact.backend, family: fact.family, name: fact.name, chains: new Map() },
      ...(ipsets ? { ipsets } : {}),
    }
    const names = new Set(fact.chains.map(({ name }) => name))
    const parse = parserFor(fact, names, sets)
    for (const chain of fact.chains) table.chains.set(chain.name, chainOf(chain, parse))
    return fact.chains.flatMap((chain) => baseOf(chain, table))
  })
  return { bases: bases.toSorted((a, b) => a.priority - b.priority) }
}

function chainOf(fact: ChainFact, parse: (text: string) => Rule): Chain {
  let parsed: Rule[] | undefined
  let index: ReturnType<typeof ruleIndex> | undefined
  const rules = () => {
    parsed ??= fact.rules.map(parse)
    return parsed
  }
  return {
    ...{ name: fact.name, incomplete: (fact.leftOut ?? 0) > 0, rules },
    rulesFor: (packet) => {
      index ??= ruleIndex(rules())
      return index(packet)
    },
  }
}

function parserFor(table: TableFact, names: ReadonlySet<string>, ipsets: Ipsets): (text: string) => Rule {
  // The same set may be named by many rules.
  if (table.backend !== 'native') {
    const family = table.family === 'ip6' ? 'ip6' : 'ip'
    const steps = new Map<string, Step[]>()
    return (text) =>
      parseSavedRule(text, family, names, (options) => {
        const key = options.join(' ')
        const known = steps.get(key) ?? setSteps(options, family, ipsets)
        steps.set(key, known)
        return known
      })
  }
  const known = new Map<string, Elements | undefined>()
  return (text) =>
    parseNftRule(text, (name, fields) => {
      const key = [name, ...fields].join(' ')
      if (!known.has(key)) {
        const set = table.sets?.find((one) => one.name === name)
        known.set(key, set && namedElements(set, fields))
      }
      return known.get(key)
    })
}

function baseOf(fact: ChainFact, table: Table): BaseChain[] {
  const chain = table.chains.get(fact.name)
  if (fact.hook === undefined || !chain) return []
  const policy = /^drop$/i.test(fact.policy ?? '') ? 'drop' : 'accept'
  const base = { table, chain, policy, devices: fact.devices ?? [] } as const
  if (table.backend === 'native') {
    if (!nftHooks.has(fact.hook)) return []
    const type = fact.type === 'nat' ? 'nat' : 'filter'
    return [{ ...base, hook: fact.hook as Hook, type, priority: fact.priority ?? 0 }]
  }
  const hook = hooks[fact.name]
  if (!hook) return []
  const type = table.name === 'nat' ? 'nat' : 'filter'
  return [{ ...base, hook, type, priority: priorityOf(table.name, hook) }]
}

const priorityOf = (table: string, hook: Hook): number =>
  table === 'nat' && (hook === 'input' || hook === 'postrouting') ? 100 : (savedPriority[table] ?? 0)

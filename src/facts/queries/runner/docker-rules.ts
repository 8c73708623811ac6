import type { ChainFact, RulesFact, TableFact } from '../../runner.ts'

/** One rule that Docker wrote for one of its bridges. In Docker's nftables mode, one of the chains it keeps for it. */
export interface DockerRule {
  backend: TableFact['backend']
  family: TableFact['family']
  table: string
  chain: string
  rule: string
}

/** What Docker has written into the host's packet filter. */
export interface DockerRules {
  byBridge: Map<string, DockerRule[]>
  /** Tables that hold a chain of Docker's own, or a rule of its shape. */
  tables: TableFact[]
}

/** The name of a bridge that Docker made for a user's network: the first 12 digits of the network's id. */
const generated = /^br-[0-9a-f]{12}$/
const ownChain = /^DOCKER(?:-|$)/
const nativeTable = 'docker-bridges'
const nativeChain = /^(?:filter-forward-in|filter-forward-out|nat-postrouting-in|nat-postrouting-out)__(.+)$/

/**
 * Rules of Docker's in chains that belong to everybody. A rule of any other form is somebody else's, even where it names
 * one of Docker's bridges. From the rules of Docker 20.10.24 (recorded) and of moby v27.5.1 to docker-v29 (its
 * iptablesdoc and TestIptabler golden files).
 */
const sharedShapes: Record<string, RegExp[]> = {
  'filter FORWARD': [
    /^-o (\S+) -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT$/,
    /^-o (\S+) -j DOCKER$/,
    /^-i (\S+) ! -o \1 -j ACCEPT$/,
    /^-i (\S+) -o \1 -j (?:ACCEPT|DROP)$/,
  ],
  'nat POSTROUTING': [
    /^-s \S+ ! -o (\S+) -j (?:MASQUERADE|SNAT)\b/,
    /^-o (\S+) -m addrtype --src-type LOCAL -j (?:MASQUERADE|SNAT)\b/,
  ],
  // Mirrored networking of WSL2 adds rules for `loopback0`, which is no bridge: a name must be Docker's by other rules.
  'nat DOCKER': [/^-i (\S+) -j RETURN$/, /^! -i (\S+) /],
  'raw PREROUTING': [/^-d \S+ ! -i (\S+) (?:.* )?-j DROP$/],
}

const isShared = (table: string, chain: string): boolean => `${table} ${chain}` in sharedShapes

/**
 * Finds Docker's rules by bridge, on both backends of iptables and in Docker's nftables mode. `known`: names of bridges
 * that the engine tells, for those that a user named. What is in DOCKER-USER is the user's own and left alone.
 */
export function dockerRulesIn(
  { tables }: Pick<RulesFact, 'tables'>,
  known: Iterable<string> = [],
): DockerRules {
  const byBridge = new Map<string, DockerRule[]>()
  const bridges = new Set(known)
  const add = (bridge: string, { backend, family, name }: TableFact, chain: string, rule: string) => {
    const own = byBridge.get(bridge)
    const found = { backend, family, table: name, chain, rule }
    if (own) own.push(found)
    else byBridge.set(bridge, [found])
  }
  for (const table of tables) {
    for (const chain of table.chains) {
      for (const { bridge, rule } of ownRules(table, chain)) {
        bridges.add(bridge)
        add(bridge, table, chain.name, rule)
      }
    }
  }
  for (const table of tables.filter(({ backend }) => backend !== 'native')) {
    for (const { name, rules } of table.chains.filter((chain) => isShared(table.name, chain.name))) {
      const shapes = sharedShapes[`${table.name} ${name}`] ?? []
      for (const rule of rules) {
        const bridge = firstMatch(shapes, rule)
        if (bridge !== undefined && (generated.test(bridge) || bridges.has(bridge)))
          add(bridge, table, name, rule)
      }
    }
  }
  const named = new Set(
    [...byBridge.values()].flat().map(({ backend, family, table }) => `${backend} ${family} ${table}`),
  )
  return {
    byBridge,
    tables: tables.filter(
      (table) =>
        isNative(table) ||
        named.has(`${table.backend} ${table.family} ${table.name}`) ||
        (table.backend !== 'native' && table.chains.some(({ name }) => ownChain.test(name))),
    ),
  }
}

/** Whether Docker keeps its rules of bridges in an nftables table of its own. */
export const isNative = ({ backend, name }: TableFact): boolean =>
  backend === 'native' && name === nativeTable

function* ownRules(table: TableFact, chain: ChainFact): Generator<{ bridge: string; rule: string }> {
  if (table.backend === 'native') {
    const bridge = table.name === nativeTable ? nativeChain.exec(chain.name)?.[1] : undefined
    if (bridge !== undefined) yield { bridge, rule: chain.rules.join('; ') }
    return
  }
  if (table.name !== 'filter' || !ownChain.test(chain.name) || chain.name === 'DOCKER-USER') return
  for (const rule of chain.rules) {
    const bridge = /(?:^| )-[io] (\S+)/.exec(rule)?.[1]
    if (bridge !== undefined) yield { bridge, rule }
  }
}

function firstMatch(shapes: RegExp[], rule: string): string | undefined {
  for (const shape of shapes) {
    const match = shape.exec(rule)?.[1]
    if (match !== undefined) return match
  }
  return undefined
}

/** Whether a name is one that Docker makes up for a bridge. */
export const isGeneratedName = (name: string): boolean => generated.test(name)

/** A rule as `iptables` would be given it: `filter FORWARD -o br-X -j DOCKER`. */
export const ruleText = ({ family, table, chain, rule }: DockerRule): string =>
  `${family === 'ip6' ? 'ip6 ' : ''}${table} ${chain} ${rule}`.trimEnd()

import type { ChainFact, RulesFact, TableFact } from '../../runner.ts'

/** A rule that Docker wrote for one of its bridges; in Docker's nftables mode, a chain of that bridge. */
export interface DockerRule {
  backend: TableFact['backend']
  family: TableFact['family']
  table: string
  chain: string
  rule: string
}

/** Docker's rules in the host's packet filter. */
export interface DockerRules {
  byBridge: Map<string, DockerRule[]>
  /** Tables that hold one of Docker's chains, or a rule in a form that Docker writes. */
  tables: TableFact[]
}

/** The name that Docker generates for a bridge: `br-` and the first 12 digits of the network's id. */
const generatedName = /^br-[0-9a-f]{12}$/
const dockerChain = /^DOCKER(?:-|$)/
const dockerNftTable = 'docker-bridges'
const dockerNftChain =
  /^(?:filter-forward-in|filter-forward-out|nat-postrouting-in|nat-postrouting-out)__(.+)$/

/**
 * The forms of Docker's rules in shared chains. A rule in any other form belongs to another program, even where it names one of
 * Docker's bridges. Taken from the rules of Docker 20.10.24 (recorded) and of moby v27.5.1 to docker-v29 (its iptablesdoc and
 * TestIptabler golden files).
 */
const sharedForms: Record<string, RegExp[]> = {
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
  // WSL2's mirrored networking adds such rules for `loopback0`, which is not a bridge: other rules must show that a name is Docker's.
  'nat DOCKER': [/^-i (\S+) -j RETURN$/, /^! -i (\S+) /],
  'raw PREROUTING': [/^-d \S+ ! -i (\S+) (?:.* )?-j DROP$/],
}

const isShared = (table: string, chain: string): boolean => `${table} ${chain}` in sharedForms

/**
 * Finds Docker's rules by bridge, in both iptables backends and in Docker's nftables mode. `known` holds the bridge names that
 * the engine reports, since a user can choose them. Rules in DOCKER-USER belong to the user and are ignored.
 */
export function dockerRulesIn(
  { tables }: Pick<RulesFact, 'tables'>,
  known: Iterable<string> = [],
): DockerRules {
  const byBridge = new Map<string, DockerRule[]>()
  const bridges = new Set(known)
  const add = (bridge: string, { backend, family, name }: TableFact, chain: string, rule: string) => {
    const rules = byBridge.get(bridge)
    const found = { backend, family, table: name, chain, rule }
    if (rules) rules.push(found)
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
      const forms = sharedForms[`${table.name} ${name}`] ?? []
      for (const rule of rules) {
        const bridge = firstMatch(forms, rule)
        if (bridge !== undefined && (generatedName.test(bridge) || bridges.has(bridge)))
          add(bridge, table, name, rule)
      }
    }
  }
  const withRules = new Set(
    [...byBridge.values()].flat().map(({ backend, family, table }) => `${backend} ${family} ${table}`),
  )
  return {
    byBridge,
    tables: tables.filter(
      (table) =>
        isDockerNftTable(table) ||
        withRules.has(`${table.backend} ${table.family} ${table.name}`) ||
        (table.backend !== 'native' && table.chains.some(({ name }) => dockerChain.test(name))),
    ),
  }
}

/** Whether this is the nftables table that Docker keeps for its bridges. */
export const isDockerNftTable = ({ backend, name }: TableFact): boolean =>
  backend === 'native' && name === dockerNftTable

function* ownRules(table: TableFact, chain: ChainFact): Generator<{ bridge: string; rule: string }> {
  if (table.backend === 'native') {
    const bridge = table.name === dockerNftTable ? dockerNftChain.exec(chain.name)?.[1] : undefined
    if (bridge !== undefined) yield { bridge, rule: chain.rules.join('; ') }
    return
  }
  if (table.name !== 'filter' || !dockerChain.test(chain.name) || chain.name === 'DOCKER-USER') return
  for (const rule of chain.rules) {
    const bridge = /(?:^| )-[io] (\S+)/.exec(rule)?.[1]
    if (bridge !== undefined) yield { bridge, rule }
  }
}

function firstMatch(forms: RegExp[], rule: string): string | undefined {
  for (const shape of forms) {
    const match = shape.exec(rule)?.[1]
    if (match !== undefined) return match
  }
  return undefined
}

/** Whether Docker generated this bridge name. */
export const isGeneratedName = (name: string): boolean => generatedName.test(name)

/** A rule with its table and chain: `filter FORWARD -o br-X -j DOCKER`. */
export const ruleText = ({ family, table, chain, rule }: DockerRule): string =>
  `${family === 'ip6' ? 'ip6 ' : ''}${table} ${chain} ${rule}`.trimEnd()

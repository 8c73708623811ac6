import { contains, parseIpv4Network } from '../../../net/ip.ts'
import type { NetworkFact, TableFact } from '../../runner.ts'
import { type DockerRule, isDockerNftTable } from './docker-rules.ts'

/** The rules that an existing network should have and does not, in the form that Docker writes. */
export type MissingRules = (network: NetworkFact, bridge: string, present: DockerRule[]) => string[]

/**
 * Expects only rules that every network of its kind has, whatever its options. Sources: Docker 20.10.24 (recorded), the iptables
 * code of moby v27.5.1, and the golden files of v28.0.0 to docker-v29. IPv6 is left out: the API does not report whether the
 * daemon writes ip6tables rules.
 */
export function missingRulesIn(tables: TableFact[]): MissingRules {
  const native = tables.filter((table) => isDockerNftTable(table) && table.family === 'ip')
  // Where Docker has nftables tables, its iptables rules are left over from before the switch.
  const missing = native.length > 0 ? missingInNftables(native) : missingInIptables(tables)
  return (network, bridge, present) =>
    network.subnets.some((subnet) => parseIpv4Network(subnet)) ? missing(network, bridge, present) : []
}

const needsMasquerade = ({ internal, masquerade }: NetworkFact): boolean => !internal && masquerade

function missingInIptables(tables: TableFact[]): MissingRules {
  const rulesOf = externalRules(tables)
  const isMasqueraded = masqueradingIn(tables)
  return (network, bridge, present) => {
    const filter = new Set(
      present.filter(({ table }) => table === 'filter').map(({ chain, rule }) => `${chain} ${rule}`),
    )
    const expected = network.internal ? internalRules(bridge) : rulesOf(bridge)
    const missing = expected.filter((forms) => !forms.some((form) => filter.has(form)))
    const unmasqueraded = needsMasquerade(network)
      ? network.subnets.filter((subnet) => !isMasqueraded(subnet))
      : []
    return [
      ...missing.map(([form]) => `filter ${form}`),
      ...unmasqueraded.map((subnet) => `nat POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`),
    ]
  }
}

/** The rules of a network that is not internal; each inner list holds the possible forms of one rule. */
function externalRules(tables: TableFact[]): (bridge: string) => string[][] {
  const chains = tables.flatMap((table) => table.chains)
  const isolation = (bridge: string) => [
    [`DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`],
    [`DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`],
  ]
  // Only Docker 28.0.0 keeps its bridges in an ipset, so that one rule covers all of them.
  if (chains.some(({ rules }) => rules.some((rule) => rule.includes('--match-set docker-ext-bridges'))))
    return isolation
  if (chains.some(({ name }) => name === 'DOCKER-FORWARD')) {
    // Docker 29 isolates networks in other chains, which depend on a network's gateway mode.
    const isolates = chains.some(({ name }) => name === 'DOCKER-ISOLATION-STAGE-1')
    return (bridge) => [
      [`DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
      [`DOCKER-BRIDGE -o ${bridge} -j DOCKER`],
      [`DOCKER-FORWARD -i ${bridge} -j ACCEPT`, `DOCKER-FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`],
      ...(isolates ? isolation(bridge) : []),
    ]
  }
  return (bridge) => [
    [`FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
    [`FORWARD -o ${bridge} -j DOCKER`],
    [`FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`],
    [`FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`, `FORWARD -i ${bridge} -o ${bridge} -j DROP`],
    ...isolation(bridge),
  ]
}

const internalRules = (bridge: string): string[][] => [
  ['FORWARD', 'DOCKER-FORWARD'].flatMap((chain) =>
    ['ACCEPT', 'DROP'].map((target) => `${chain} -i ${bridge} -o ${bridge} -j ${target}`),
  ),
]

/** Whether any rule, Docker's or an operator's, rewrites the source addresses of a subnet; true for every IPv6 subnet. */
function masqueradingIn(tables: TableFact[]): (subnet: string) => boolean {
  const sources = tables
    .filter(({ name, family }) => name === 'nat' && family === 'ip')
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .flatMap((rule) => /^-s (\S+) .*-j (?:MASQUERADE|SNAT)\b/.exec(rule)?.[1] ?? [])
  const exact = new Set(sources)
  const ranges = sources.map(parseIpv4Network).filter((range) => range !== undefined)
  return (subnet) => {
    const range = parseIpv4Network(subnet)
    return !range || exact.has(subnet) || ranges.some((source) => contains(source, range))
  }
}

function missingInNftables(tables: TableFact[]): MissingRules {
  const chains = new Map(tables.flatMap((table) => table.chains.map(({ name, rules }) => [name, rules])))
  return (network, bridge) => {
    const filter = ['in', 'out'].map((direction) => `filter-forward-${direction}__${bridge}`)
    const postrouting = chains.get(`nat-postrouting-out__${bridge}`) ?? []
    const unmasqueraded =
      needsMasquerade(network) && !postrouting.some((rule) => /\b(?:masquerade|snat)\b/.test(rule))
    return [
      ...filter.filter((name) => !chains.get(name)?.length).map((name) => `chain ${name}`),
      ...(unmasqueraded ? [`masquerading of ${network.subnets.join(', ')}`] : []),
    ]
  }
}

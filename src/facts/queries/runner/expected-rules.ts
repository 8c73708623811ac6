import type { NetworkFact, TableFact } from '../../runner.ts'
import { type DockerRule, isNative } from './docker-rules.ts'
import { contains, type Range, rangeOf } from './ranges.ts'

/** What a live network lacks of its rules, as Docker writes them; none for a network that has all. */
export type Lacking = (network: NetworkFact, bridge: string, present: DockerRule[]) => string[]

/**
 * Only rules that every network of its kind has are asked for, whatever its options: from Docker 20.10.24 (recorded), the
 * iptables code of moby v27.5.1, and its golden files of v28.0.0 to docker-v29. IPv6 is left out: whether Docker writes
 * ip6tables rules is an option of the daemon that the API does not tell.
 */
export function lackingIn(tables: TableFact[]): Lacking {
  const native = tables.filter((table) => isNative(table) && table.family === 'ip')
  // Where Docker has its nftables tables, rules of iptables are left from before it changed.
  const lacking = native.length > 0 ? lackingNatively(native) : lackingInIptables(tables)
  return (network, bridge, present) =>
    network.subnets.some((subnet) => rangeOf(subnet)) ? lacking(network, bridge, present) : []
}

const wantsMasquerade = ({ internal, masquerade }: NetworkFact): boolean => !internal && masquerade

function lackingInIptables(tables: TableFact[]): Lacking {
  const rulesOf = openRules(tables)
  const isMasked = masksIn(tables)
  return (network, bridge, present) => {
    const filter = new Set(
      present.filter(({ table }) => table === 'filter').map(({ chain, rule }) => `${chain} ${rule}`),
    )
    const expected = network.internal ? internalRules(bridge) : rulesOf(bridge)
    const gone = expected.filter((forms) => !forms.some((form) => filter.has(form)))
    const unmasked = wantsMasquerade(network) ? network.subnets.filter((subnet) => !isMasked(subnet)) : []
    return [
      ...gone.map(([form]) => `filter ${form}`),
      ...unmasked.map((subnet) => `nat POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`),
    ]
  }
}

/** The rules of a network with a way out; each of the inner lists holds the forms that one rule can have. */
function openRules(tables: TableFact[]): (bridge: string) => string[][] {
  const chains = tables.flatMap((table) => table.chains)
  const isolation = (bridge: string) => [
    [`DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`],
    [`DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`],
  ]
  // Docker 28.0.0 alone named its bridges in a set: one rule is for all of them.
  if (chains.some(({ rules }) => rules.some((rule) => rule.includes('--match-set docker-ext-bridges'))))
    return isolation
  if (chains.some(({ name }) => name === 'DOCKER-FORWARD')) {
    return (bridge) => [
      [`DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
      [`DOCKER-BRIDGE -o ${bridge} -j DOCKER`],
      [`DOCKER-FORWARD -i ${bridge} -j ACCEPT`, `DOCKER-FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`],
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

/** Tells whether any rule, Docker's or an operator's own, rewrites the source addresses of a subnet; of IPv6 always. */
function masksIn(tables: TableFact[]): (subnet: string) => boolean {
  const sources = tables
    .filter(({ name, family }) => name === 'nat' && family === 'ip')
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .flatMap((rule) => /^-s (\S+) .*-j (?:MASQUERADE|SNAT)\b/.exec(rule)?.[1] ?? [])
  const exact = new Set(sources)
  const ranges = sources.map(rangeOf).filter((range): range is Range => range !== undefined)
  return (subnet) => {
    const range = rangeOf(subnet)
    return !range || exact.has(subnet) || ranges.some((source) => contains(source, range))
  }
}

function lackingNatively(tables: TableFact[]): Lacking {
  const chains = new Map(tables.flatMap((table) => table.chains.map(({ name, rules }) => [name, rules])))
  return (network, bridge) => {
    const filter = ['in', 'out'].map((way) => `filter-forward-${way}__${bridge}`)
    const masks = chains.get(`nat-postrouting-out__${bridge}`) ?? []
    const unmasked = wantsMasquerade(network) && !masks.some((rule) => /\b(?:masquerade|snat)\b/.test(rule))
    return [
      ...filter.filter((name) => !chains.get(name)?.length).map((name) => `chain ${name}`),
      ...(unmasked ? [`masquerading of ${network.subnets.join(', ')}`] : []),
    ]
  }
}

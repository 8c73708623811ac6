import type { NetworkFact, TableFact } from '../model.ts'
import { type DockerRule, isNative } from './docker-rules.ts'
import { contains, rangeOf } from './ranges.ts'

/**
 * The rules that a live network lacks, as Docker writes them; none for a network that has all. Only rules that every
 * network of its kind has are asked for, whatever its options: from Docker 20.10.24 (recorded), the iptables code of moby
 * v27.5.1, and the golden files of v28.0.0 to docker-v29. IPv6 is left out: whether Docker writes ip6tables rules is an
 * option of the daemon that the API does not tell.
 */
export function lacking(
  network: NetworkFact,
  bridge: string,
  present: DockerRule[],
  tables: TableFact[],
): string[] {
  const subnets = network.subnets.filter((subnet) => rangeOf(subnet))
  if (subnets.length === 0) return []
  const native = tables.filter(isNative)
  // Rules of iptables may be left from before the engine changed to nftables.
  if (native.length > 0) return lackingNatively(network, bridge, subnets, native)
  const filter = present
    .filter(({ table }) => table === 'filter')
    .map(({ chain, rule }) => `${chain} ${rule}`)
  const expected = network.internal ? internalRules(bridge) : openRules(bridge, tables)
  const gone = expected.filter((any) => !any.some((one) => filter.includes(one)))
  return [
    ...gone.map((any) => `filter ${any[0]}`),
    ...(wantsMasquerade(network) ? subnets.filter((subnet) => !isMasked(subnet, tables)) : []).map(
      (subnet) => `nat POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    ),
  ]
}

const wantsMasquerade = ({ internal, masquerade }: NetworkFact): boolean => !internal && masquerade

/** Each line holds the forms that one rule can have. */
function openRules(bridge: string, tables: TableFact[]): string[][] {
  const chains = new Set(tables.flatMap((table) => table.chains.map(({ name }) => name)))
  if (chains.has('DOCKER-FORWARD')) {
    return [
      [`DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
      [`DOCKER-BRIDGE -o ${bridge} -j DOCKER`],
      [`DOCKER-FORWARD -i ${bridge} -j ACCEPT`, `DOCKER-FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`],
    ]
  }
  const isolation = [
    [`DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`],
    [`DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`],
  ]
  // Docker 28.0.0 alone named its bridges in a set: FORWARD has one rule for all of them.
  if (usesSet(tables)) return isolation
  return [
    [`FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
    [`FORWARD -o ${bridge} -j DOCKER`],
    [`FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`],
    [`FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`, `FORWARD -i ${bridge} -o ${bridge} -j DROP`],
    ...isolation,
  ]
}

const internalRules = (bridge: string): string[][] => [
  ['FORWARD', 'DOCKER-FORWARD'].flatMap((chain) =>
    ['ACCEPT', 'DROP'].map((target) => `${chain} -i ${bridge} -o ${bridge} -j ${target}`),
  ),
]

const usesSet = (tables: TableFact[]): boolean =>
  tables.some(({ chains }) =>
    chains.some(
      ({ name, rules }) => name === 'FORWARD' && rules.some((rule) => rule.includes('docker-ext-bridges')),
    ),
  )

/** Whether any rule, Docker's or one of an operator's own, rewrites the source address of this subnet. */
function isMasked(subnet: string, tables: TableFact[]): boolean {
  const range = rangeOf(subnet)
  return tables
    .filter(({ name }) => name === 'nat')
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .some((rule) => {
      const source = /^-s (\S+) .*-j (?:MASQUERADE|SNAT)\b/.exec(rule)?.[1]
      const from = source === undefined ? undefined : rangeOf(source)
      return range !== undefined && from !== undefined && contains(from, range)
    })
}

function lackingNatively(
  network: NetworkFact,
  bridge: string,
  subnets: string[],
  tables: TableFact[],
): string[] {
  const chains = new Map(
    tables
      .filter(({ family }) => family === 'ip')
      .flatMap(({ chains }) => chains.map(({ name, rules }) => [name, rules])),
  )
  const filter = ['in', 'out']
    .map((way) => `filter-forward-${way}__${bridge}`)
    .filter((name) => !chains.get(name)?.length)
  const masks =
    chains.get(`nat-postrouting-out__${bridge}`)?.filter((rule) => /\b(?:masquerade|snat)\b/.test(rule)) ?? []
  return [
    ...filter.map((name) => `chain ${name}`),
    ...(wantsMasquerade(network) && masks.length === 0 ? [`masquerading of ${subnets.join(', ')}`] : []),
  ]
}

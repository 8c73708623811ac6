import { formatAddress } from '../../../net/ip.ts'
import type { PolicyRule, TableRoute } from '../../routing.ts'
import { firewalldPart } from './firewalld-chain.ts'
import type { Stop } from './follow.ts'
import { whyNotEvaluated } from './ipsets.ts'
import type { Place } from './model.ts'

/** `iptables-nft table filter, chain FORWARD`, or `nft table inet firewalld, chain filter_FORWARD`. */
function chainText({ base: { table }, chain }: Place): string {
  const { backend, family, name } = table
  const program = family === 'ip6' ? 'ip6tables' : 'iptables'
  return backend === 'native'
    ? `nft table ${family} ${name}, chain ${chain}`
    : `${program}-${backend} table ${name}, chain ${chain}`
}

/** The rule as it can be found in the output of its program, or the policy. */
function ruleText({ base, chain, rule }: Place): string {
  if (rule === undefined) return `policy ${base.policy} of chain ${chain}`
  return base.table.backend === 'native' ? rule : `-A ${chain} ${rule}`
}

/** The hook with its table and chain, then the rule. */
export const placeText = (at: Place): string[] => [
  `hook ${at.base.hook}, priority ${at.base.priority}: ${chainText(at)}`,
  ruleText(at),
  ...zoneText(at),
  ...setText(at),
]

/** Why a set that the rule names is not evaluated. */
function setText({ base: { table }, rule = '' }: Place): string[] {
  if (table.backend === 'native') return []
  return [...rule.matchAll(/ --match-set (\S+) /g)].flatMap(([, name = '']) => {
    const why = whyNotEvaluated(name, table.ipsets)
    return why === undefined ? [] : [`set ${name}: ${why}`]
  })
}

function zoneText(at: Place): string[] {
  const part = firewalldPart(at)
  return part ? [`${part.kind} ${part.name} of firewalld`] : []
}

/** `rule 5270: from all lookup 52`, as `ip rule` prints it. */
function policyText(rule: PolicyRule): string {
  const { priority, from, to, iif, oif, mark, negated } = rule
  return [
    `rule ${priority}:`,
    ...(negated ? ['not'] : []),
    `from ${from ?? 'all'}`,
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(rule.tos === undefined ? [] : [`tos ${rule.tos}`]),
    ...(mark ? [`fwmark ${markText(mark)}`] : []),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(rule.uids ? [`uidrange ${rule.uids.join('-')}`] : []),
    ...(rule.protocol === undefined ? [] : [`ipproto ${rule.protocol}`]),
    ...(rule.sport ? [`sport ${rangeText(rule.sport)}`] : []),
    ...(rule.dport ? [`dport ${rangeText(rule.dport)}`] : []),
    ...(rule.tunnel === undefined ? [] : [`tun_id ${rule.tunnel}`]),
    // Their values are not kept.
    ...(rule.others ?? []),
    endText(rule),
  ].join(' ')
}

const markText = ({ value, mask }: NonNullable<PolicyRule['mark']>): string =>
  `0x${value.toString(16)}${mask === 0xffff_ffff ? '' : `/0x${mask.toString(16)}`}`

const rangeText = ([first, last]: [number, number]): string =>
  first === last ? `${first}` : `${first}-${last}`

/** Where the rule leads. */
function endText({ action, goto, l3mdev, table, suppress }: PolicyRule): string {
  if (goto !== undefined) return `goto ${goto}`
  if (action !== undefined && action !== 'lookup') return action
  const lookup = `lookup ${l3mdev ? '[l3mdev-table]' : table}`
  return suppress === undefined ? lookup : `${lookup} suppress_prefixlength ${suppress}`
}

/** `172.16.0.0/12 dev wg0 table 52`, as `ip route` prints it. */
function routeText({ type, destination, gateway, device, table }: TableRoute): string {
  return [
    ...(type === 'unicast' ? [] : [type]),
    destination,
    ...(gateway === undefined ? [] : [`via ${gateway}`]),
    ...(device === undefined ? [] : [`dev ${device}`]),
    `table ${table}`,
  ].join(' ')
}

/** Why packets do not get on: `answers are dropped at the forward hook`. */
export function lossText(what: string, stop: Stop, gateway?: string): string {
  switch (stop.kind) {
    case 'rule':
      return `${what} are ${stop.verdict === 'reject' ? 'rejected' : 'dropped'} at the ${stop.at.base.hook} hook`
    case 'sysctl':
      return `${what} are not forwarded: ${stop.name} is ${stop.value}`
    case 'link':
      return linkText(stop.name, stop.why, gateway)
    case 'route':
      return stop.reverse
        ? `${what} are dropped by rp_filter: the route back to ${addressText(stop.towards)} leads elsewhere`
        : `${what} have no usable route`
  }
}

/** No address of IPv6 that is followed is as small as one of IPv4. */
const addressText = (value: bigint): string => formatAddress({ version: value > 0xffff_ffffn ? 6 : 4, value })

function linkText(name: string, why: string, gateway: string | undefined): string {
  if (why === 'without address') return `${name} does not have its address ${gateway}`
  if (why === 'down') return `${name} is down`
  if (why === 'closed') return `the bridge of ${name} forwards nothing at that port`
  if (why === 'missing') return `${name} does not exist`
  return why === 'detached' ? `${name} is not attached to its bridge` : `${name} gets its own packets back`
}

/** What stops a packet, as the programs of the host print it. */
export function stopEvidence(stop: Stop): string[] {
  if (stop.kind === 'rule') return placeText(stop.at)
  if (stop.kind === 'route') return routingText(stop)
  return stop.kind === 'sysctl' ? [`${stop.name} = ${stop.value}`] : []
}

/** A route and the rule that led to it, as `ip` prints them. */
export const routingText = ({ rule, route }: { rule?: PolicyRule; route?: TableRoute }): string[] => [
  ...(rule ? [`ip rule: ${policyText(rule)}`] : []),
  ...(route ? [`ip route: ${routeText(route)}`] : []),
]

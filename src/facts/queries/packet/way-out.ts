import { prefixLength } from '../../../net/ip.ts'
import type { NoEgress } from './egress.ts'
import { firewalldPart } from './firewalld-chain.ts'
import type { Place } from './model.ts'
import { rewriterOf } from './rule-owner.ts'

const restart = 'When no job is running, restart Docker: “systemctl restart docker” recreates its rules.'
const reload = 'Let Podman write its rules again: “podman network reload --all”.'
const byOwner: Partial<Record<NoEgress['guests']['owner'], string>> = { docker: restart, podman: reload }
const again = 'Then change the program that wrote the rule: it may write it again.'

/** One next action, which lets through what is needed and takes nothing from any other program. */
export function adviceFor(trouble: NoEgress): string {
  if (trouble.meant)
    return 'If this is not meant, change that rule in the program, or the file, that it is from.'
  const text = textFor(trouble)
  if (trouble.guests.family === 'ip') return text
  return text.replaceAll(/\u201cip(?= r)/g, '\u201cip -6').replaceAll('\u201ciptables-', '\u201cip6tables-')
}

function textFor(trouble: NoEgress): string {
  const { guests, stop } = trouble
  switch (stop.kind) {
    case 'rule':
      return ruleAdvice(stop.at, trouble)
    case 'sysctl':
      return enableAdvice(stop.name, trouble.uplink)
    case 'link':
      if (stop.why === 'down') return `Bring it up: “ip link set ${stop.name} up”.`
      if (stop.why === 'without address' && guests.gateway !== undefined)
        return `Give it back its address: “ip address add ${guests.gateway} dev ${stop.name}”. Then exclude Docker’s bridges from the program that manages the interfaces of this host.`
      return 'Restart the containers of this network: their engine connects them again.'
    case 'source':
      if (stop.at) return sourceAdvice(stop.at, trouble)
      return stop.routed ? masqueradeAdvice(guests) : (byOwner[guests.owner] ?? restart)
    case 'route':
      return stop.reverse && trouble.direction === 'back'
        ? `Accept answers by another interface than packets to that address leave by: “sysctl -w net.ipv4.conf.${devicePart(trouble.uplink)}.rp_filter=2”. Then set it in /etc/sysctl.d.`
        : routeAdvice(stop, trouble)
    case 'elsewhere':
      return routeAdvice(stop, trouble)
  }
}

/** A dot in the name of an interface is a slash in that of its settings (sysctl(8)). */
const devicePart = (device: string): string => device.replaceAll('.', '/')

function enableAdvice(setting: string, uplink: string): string {
  const name = setting.replace(/^(net\.ipv[46]\.conf\.)(.+)(\.\w+)$/, (_, before, device, after) =>
    [before, devicePart(device), after].join(''),
  )
  const enable = `“sysctl -w ${name}=1”, and find the file in /etc/sysctl.d that disables it.`
  if (!name.startsWith('net.ipv6.')) return `Enable it: ${enable}`
  // A host that forwards takes no routes from router advertisements, and drops those that it has (addrconf_fixup_forwarding).
  return `If “ip -6 route show default” says “proto ra”, first keep that route: “sysctl -w net.ipv6.conf.${devicePart(uplink)}.accept_ra=2”. Then enable it: ${enable}`
}

/** Before the rule, accept new connections of the guests and what answers them, or their questions to a resolver: nothing else. */
function ruleAdvice(at: Place, trouble: NoEgress): string {
  const { base, chain } = at
  const { guests, direction, uplink, resolver, peer } = trouble
  const { table, hook } = base
  const { bridge } = guests
  const isDockers = table.name === 'docker-bridges' || /^DOCKER(?:-(?!USER$)|$)/.test(chain)
  // Docker drops packets to containers of another network in its chains, and since 28 in the table raw.
  if (peer !== undefined && (isDockers || table.name === 'raw'))
    return `Docker keeps its networks apart, so that no command here helps: connect the containers that ask to the network ${peer} as well. Or publish port 53 of the resolver (-p 53:53/udp), and name an address of this host as the resolver.`
  if (isDockers) return restart
  if (chain.startsWith('NETAVARK') || table.name === 'netavark') return reload
  const rewriter = rewriterOf(at)
  if (rewriter !== undefined) return byProgram(rewriter, at, trouble)
  const isOfIp = ['ip', 'ip6', 'inet'].includes(table.family)
  const [saved, nft] = resolver ? [' -p udp -m udp --dport 53', ' udp dport 53'] : ['', '']
  if (isOfIp && hook === 'forward') {
    const out = inserting(base, {
      saved: `-i ${bridge} -o ${uplink}${saved} -j ACCEPT`,
      nft: `iifname ${bridge} oifname ${uplink}${nft} accept`,
    })
    const back = inserting(base, {
      saved: `-i ${uplink} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      nft: `iifname ${uplink} oifname ${bridge} ct state established,related accept`,
    })
    return `Accept it before that: ${out} and ${back}. ${again}`
  }
  if (
    isOfIp &&
    direction === 'out' &&
    (hook === 'prerouting' || hook === 'postrouting' || hook === 'input')
  ) {
    const isOut = hook === 'postrouting'
    const rule = isOut
      ? { saved: `-o ${uplink}${saved} -j ACCEPT`, nft: `oifname ${uplink}${nft} accept` }
      : { saved: `-i ${bridge}${saved} -j ACCEPT`, nft: `iifname ${bridge}${nft} accept` }
    return `Accept it before that: ${inserting(base, rule)}. ${again}`
  }
  return `Change the rule, or the policy, in the program that wrote it: it has to accept what ${bridge} and ${uplink} exchange.`
}

/** By the program itself, which would undo a rule that is added to its chains. ufw and firewalld keep what these commands say. */
function byProgram(program: string, at: Place, trouble: NoEgress): string {
  const { guests, direction, uplink, resolver } = trouble
  const { bridge, family, subnet } = guests
  const { hook } = at.base
  const isOut = direction === 'out'
  if (program === 'ufw' && isOut && (hook === 'forward' || hook === 'input')) {
    // Before the rules of its own that stop the packets; after them, what is added has no effect.
    const first = at.chain.startsWith('ufw-user') ? 'prepend ' : ''
    const names = resolver ? ' proto udp to any port 53' : ''
    return hook === 'forward'
      ? `Let ufw pass it on: “ufw route ${first}allow in on ${bridge} out on ${uplink}${names}”.`
      : `Let ufw take it: “ufw ${first}allow in on ${bridge}${names}”.`
  }
  const part = firewalldPart(at)
  if (program === 'firewalld' && !resolver) {
    if (part?.kind !== 'policy') return zoneAdvice(guests)
    if (isOut) {
      const rule = `--policy=${part.name} --add-rich-rule='rule priority=-1 family=ipv${family === 'ip' ? 4 : 6} source address=${subnet} accept'`
      return `Accept it in the policy ${part.name} of firewalld, now: “firewall-cmd ${rule}”, and permanently: “firewall-cmd --permanent ${rule}”.`
    }
  }
  const what = resolver
    ? `what ${bridge} exchanges with its resolvers`
    : `what ${bridge} and ${uplink} exchange`
  return `Let ${program} accept ${what}, by its own settings or policies: it would undo a rule that is added to its chains by hand.`
}

/** In each program's own zone: that of Docker lets guests of others reach containers, and Podman has its subnets in one. */
function zoneAdvice({ bridge, owner }: NoEgress['guests']): string {
  if (owner === 'podman') return `Let Podman tell firewalld its subnets again: “podman network reload --all”.`
  const zone = owner === 'docker' ? 'docker' : bridge.startsWith('virbr') ? 'libvirt' : 'trusted'
  const commands = `now: “firewall-cmd --zone=${zone} --change-interface=${bridge}”, and permanently: “firewall-cmd --permanent --zone=${zone} --change-interface=${bridge}”.`
  if (owner === 'docker') return `Put the bridge into Docker’s zone, ${commands}`
  const also = zone === 'trusted' ? ' That zone also accepts what guests send to this host.' : ''
  return `Put the bridge into the zone ${zone}, ${commands}${also}`
}

/** The command that puts a rule at the top of a chain, in quotes. */
export const inserting = (
  { table, chain }: Place['base'],
  { saved, nft }: { saved: string; nft: string },
): string =>
  table.backend === 'native'
    ? `“nft insert rule ${table.family} ${table.name} ${chain.name} ${nft}”`
    : `“iptables-${table.backend} -t ${table.name} -I ${chain.name} ${saved}”`

/** For a bridge that may be routed: its program, or a rule. */
const masqueradeAdvice = ({ bridge, subnet }: NoEgress['guests']): string =>
  `Unless a router knows ${subnet}, let the program of ${bridge} write its rules again, or masquerade: “iptables -t nat -A POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE”.`

function sourceAdvice(at: Place, { guests: { bridge, subnet, family } }: NoEgress): string {
  const { base } = at
  const rewriter = rewriterOf(at)
  if (rewriter !== undefined)
    return `Let ${rewriter} leave packets from ${subnet} to those who masquerade them, by its own settings or policies: it would undo a rule that is added to its chains by hand.`
  if (base.type !== 'nat') {
    const accept = { saved: `-i ${bridge} -j ACCEPT`, nft: `iifname ${bridge} accept` }
    return `Leave them tracked: ${inserting(base, accept)}. ${again}`
  }
  const rule = {
    saved: `-s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    nft: `${family} saddr ${subnet} oifname != ${bridge} masquerade`,
  }
  return `Masquerade them before that: ${inserting(base, rule)}. ${again}`
}

type RouteStop = Extract<NoEgress['stop'], { kind: 'route' | 'elsewhere' }>

function routeAdvice(stop: RouteStop, { guests, direction }: NoEgress): string {
  const { route, rule } = stop
  const { bridge, gateway, subnet } = guests
  // Whether the route that was looked up is that to the containers, or the one from them.
  const toSubnet = direction === 'back' || (stop.kind === 'route' && stop.reverse)
  if (rule && rule.table === undefined && rule.priority > 1)
    return `The rule with priority ${rule.priority} refuses these packets, as that of a VPN does while it is not connected. If that is not meant for containers, exclude them: “ip rule add ${toSubnet ? 'to' : 'from'} ${subnet} lookup main priority ${rule.priority - 1}”, and in the program that wrote it.`
  const isOfTable = rule?.table !== undefined && !['main', 'local', 'default'].includes(rule.table)
  if (rule && rule.priority > 1 && isOfTable)
    return `Look it up in the main table first: “ip rule add ${toSubnet ? 'to' : 'from'} ${subnet} lookup main priority ${rule.priority - 1}”. Then exclude ${subnet} from what the program that wrote this rule routes.`
  if (route && ['blackhole', 'unreachable', 'prohibit'].includes(route.type))
    return `Delete the route, unless something else needs it: “ip route del ${route.type} ${route.destination} table ${route.table}”. Then exclude ${subnet} from the routes of the program that wrote it.`
  const isOwn = route && prefixLength(route.destination) >= prefixLength(subnet)
  if (isOwn && route.device !== undefined)
    return `Exclude ${subnet} from the routes of the program that wrote the route to ${route.device}, or give Docker other pools (default-address-pools in daemon.json).`
  if (!toSubnet) return 'Add the default route for these packets again.'
  const source = gateway === undefined ? '' : ` src ${gateway.split('/')[0]}`
  return `Add the route of the network again: “ip route add ${subnet} dev ${bridge}${source}”.`
}

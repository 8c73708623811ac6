import { parseIpv4Network } from '../../../net/ip.ts'
import type { NoEgress } from './egress.ts'
import type { Place } from './model.ts'

const restart = 'When no job is running, restart Docker (systemctl restart docker): it recreates its rules.'
const again = 'Then change the program that wrote the rule: it may write it again.'

/** One next action, which lets through what is needed and takes nothing from any other program. */
export function adviceFor({ guests, direction, stop, uplink }: NoEgress): string {
  const { bridge, gateway } = guests
  switch (stop.kind) {
    case 'rule':
      return ruleAdvice(stop.at, bridge, uplink)
    case 'sysctl':
      return `Enable it: sysctl -w ${stop.name}=1, and find the file in /etc/sysctl.d that disables it.`
    case 'link':
      if (stop.why === 'down') return `Bring it up: ip link set ${stop.name} up`
      if (stop.why === 'without address' && gateway !== undefined)
        return `Give it back its address: ip address add ${gateway} dev ${stop.name}. Then exclude Docker’s bridges from the program that manages the interfaces of this host.`
      return 'Restart the containers of this network: their engine connects them again.'
    case 'source':
      return restart
    case 'route':
    case 'elsewhere':
      return routeAdvice(stop, guests, direction)
  }
}

/** Before the rule, accept new connections of the guests and what answers them: nothing else. */
function ruleAdvice({ base, chain }: Place, bridge: string, uplink: string): string {
  const { table } = base
  if (table.name === 'docker-bridges' || /^DOCKER(?:-(?!USER$)|$)/.test(chain)) return restart
  if (table.name === 'firewalld')
    return `Put the bridge into Docker’s zone: firewall-cmd --zone=docker --add-interface=${bridge}, and the same with --permanent.`
  if (base.hook !== 'forward')
    return `Change the rule, or the policy, in the program that wrote it: it has to accept what ${bridge} and ${uplink} exchange.`
  if (table.backend === 'native') {
    const insert = `nft insert rule ${table.family} ${table.name} ${base.chain.name}`
    return `Accept it before that: ${insert} iifname ${bridge} oifname ${uplink} accept, and ${insert} iifname ${uplink} oifname ${bridge} ct state established,related accept. ${again}`
  }
  const insert = `iptables-${table.backend} -t ${table.name} -I ${base.chain.name}`
  return `Accept it before that: ${insert} -i ${bridge} -o ${uplink} -j ACCEPT, and ${insert} -i ${uplink} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT. ${again}`
}

function routeAdvice(
  { route, rule }: Extract<NoEgress['stop'], { kind: 'route' | 'elsewhere' }>,
  { network, bridge }: NoEgress['guests'],
  direction: NoEgress['direction'],
): string {
  const subnet =
    network?.subnets.find((one) => parseIpv4Network(one) !== undefined) ?? `the subnet of ${bridge}`
  if (rule?.table !== undefined && !['main', 'local', 'default'].includes(rule.table) && rule.priority > 1)
    return `Look the subnet up in the main table first: ip rule add to ${subnet} lookup main priority ${rule.priority - 1}. Then exclude ${subnet} from the routes of the VPN that wrote this table.`
  if (route?.device !== undefined)
    return `Exclude ${subnet} from the routes of the program that wrote the route to ${route.device}, or give Docker other pools (default-address-pools in daemon.json).`
  return direction === 'out'
    ? 'Add the default route for these packets again.'
    : `Add the route to ${subnet} again.`
}

import { formatAddress, parseIpv4Network, prefixLength } from '../../../net/ip.ts'
import { firewalldPart } from './firewalld-chain.ts'
import type { Place } from './model.ts'
import type { ContainerPlace } from './published-ports.ts'
import { bridgeOf, isEngines } from './published-text.ts'
import type { Unreachable } from './published-way.ts'
import { rewriterOf } from './rule-owner.ts'
import { inserting } from './way-out.ts'

const restart = 'When no job is running, restart Docker: “systemctl restart docker” recreates its rules.'
const again = 'Then change the program that wrote the rule: it may write it again.'

/** One next action, which lets through what is for published ports and takes nothing from any other program. */
export function portAdvice(unreachable: Unreachable, isPodman: boolean): string {
  const { stop, port } = unreachable
  switch (stop.kind) {
    case 'rule':
      return isEngines(stop.at) ? recreate(isPodman) : acceptance(stop.at, unreachable, isPodman)
    case 'sysctl':
      return `Enable it: “sysctl -w ${stop.name}=1”, and find the file in /etc/sysctl.d that disables it.`
    case 'link':
      return stop.why === 'down'
        ? `Bring it up: “ip link set ${stop.name} up”.`
        : 'Restart the container: its engine connects it again.'
    case 'route':
    case 'astray':
      return `Find the program that wrote the route, and exclude the subnet of ${bridgeOf(port)} from its routes.`
    case 'direct':
      return 'Load br_netfilter with modprobe, and switch it on: “sysctl -w net.bridge.bridge-nf-call-iptables=1”. Or remove "userland-proxy": false from daemon.json.'
    case 'address':
      return `Create the container again with the port at an address that this host has, or at all of them (-p ${port.port}:${port.containerPort}). Or give ${port.address} back to this host, if no other one has it by now.`
    case 'nothing':
    case 'elsewhere':
    case 'source':
      return recreate(isPodman)
  }
}

/** How to find out what cannot be told. */
export function doubtAdvice({ stop, port: { places } }: Unreachable): string {
  const [place] = places
  if (stop.kind !== 'route' || !place)
    return 'Compare the counters of the rule before and after a connection to the port.'
  const to = formatAddress({ version: 4, value: stop.reverse ? stop.towards : place.address })
  const user = stop.rule?.uids ? ` uid ${stop.rule.uids[0]}` : ''
  return `Compare with the route that the kernel takes: “ip route get ${to}${user}”.`
}

/** How the engine writes its rules again. */
export const recreate = (isPodman: boolean): string =>
  isPodman ? 'Let Podman write its rules again: “podman network reload --all”.' : restart

/** Before the rule, accept what NAT leads to the bridge, and its answers; by the program itself where it would undo that. */
function acceptance(at: Place, { port }: Unreachable, isPodman: boolean): string {
  const [place] = port.places
  const { base, chain } = at
  const rewriter = rewriterOf(at)
  const accept = place && (rewriter === undefined ? acceptanceIn(base, place) : undefined)
  const what = `what ${bridgeOf(port)} exchanges with other interfaces`
  if (rewriter !== undefined)
    return (
      (place && acceptanceBy(rewriter, at, { port, place, isPodman })) ??
      `Let ${rewriter} accept ${what}, by its own settings or policies: it would undo a rule that is added to its chains by hand.`
    )
  if (!accept)
    return `Change the rule, or the policy of ${chain}, in the program that wrote it: it has to accept ${what}.`
  const closed = `If other hosts are meant to be kept out, publish it at 127.0.0.1 (-p 127.0.0.1:${port.port}:${port.containerPort}).`
  return `Accept it before that: ${accept}. ${port.address === '0.0.0.0' && base.hook === 'forward' ? closed : again}`
}

interface Wanted {
  port: Unreachable['port']
  place: ContainerPlace
  isPodman: boolean
}

/** The commands of firewalld and ufw. They are kept, and need no reload, after which old versions of Docker lose their isolation. */
function acceptanceBy(owner: string, at: Place, { port, place, isPodman }: Wanted): string | undefined {
  const { base } = at
  const { bridge, subnet } = place
  const network = networkText(subnet)
  if (owner === 'ufw' && base.hook === 'forward')
    return `Let ufw pass it on: “ufw route allow proto tcp to ${network} port ${port.containerPort}”.`
  if (owner === 'ufw' && base.hook === 'output')
    return `Let ufw send it: “ufw allow out proto tcp to ${network} port ${port.containerPort}”.`
  if (owner !== 'firewalld') return undefined
  if (base.hook === 'forward')
    return isPodman
      ? 'Let Podman tell firewalld its subnets again: “podman network reload --all”.'
      : `Put the bridge into Docker’s zone, now: “firewall-cmd --zone=docker --change-interface=${bridge}”, and permanently: “firewall-cmd --permanent --zone=docker --change-interface=${bridge}”.`
  const part = firewalldPart(at)
  if (part?.kind !== 'policy') return undefined
  const policy = part.name
  const rule = `--policy=${policy} --add-rich-rule='rule priority=-1 family=ipv4 destination address=${network} accept'`
  return `Accept it in the policy ${policy} of firewalld, now: “firewall-cmd ${rule}”, and permanently: “firewall-cmd --permanent ${rule}”.`
}

function networkText(subnet: string): string {
  const network = parseIpv4Network(subnet)
  return network ? `${formatAddress({ version: 4, value: network.first })}/${prefixLength(subnet)}` : subnet
}

function acceptanceIn(base: Place['base'], { bridge, subnet }: ContainerPlace): string | undefined {
  const answers = {
    saved: `-i ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    nft: `iifname ${bridge} ct state established,related accept`,
  }
  switch (base.hook) {
    case 'forward': {
      const translated = {
        saved: `-o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT`,
        nft: `oifname ${bridge} ct status dnat accept`,
      }
      return `${inserting(base, translated)} and ${inserting(base, answers)}`
    }
    case 'input':
      return inserting(base, answers)
    case 'output':
      // What NAT leads to a container still has the interface there that it would have left by.
      return inserting(base, { saved: `-d ${subnet} -j ACCEPT`, nft: `ip daddr ${subnet} accept` })
    default:
      return undefined
  }
}

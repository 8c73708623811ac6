import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { isComplete } from '../../facts/queries/runner/rule-drift.ts'
import { uplinkOf } from '../../facts/queries/runner/uplink.ts'
import type { ChainFact, LinkFact, TableFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { contains, type Network, parseIpv4Network } from '../../net/ip.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'routes' | 'rules' | 'vantage' | 'engine' | 'networks' | 'links' | 'programs'>

export default runnerCheck({
  id: 'forward-policy-drop-unaccepted',
  title: 'FORWARD accepts the packets of every network on this host',
  fault:
    'FORWARD policy DROP: the policy that Docker sets drops the packets of another network on this host, because no rule accepts them.',
  severity: 'error',
  advice:
    'Accept them in DOCKER-USER, the chain for operators’ rules (commands on the page), or enable ip_forward before Docker starts, so that Docker does not change the policy.',
  covers: ['container-no-egress'],
  reads: ['runner.rules'],
  consults: [
    'runner.vantage',
    'runner.engine',
    'runner.networks',
    'runner.links',
    'runner.routes',
    'runner.programs',
  ],
  run: (runner) => {
    const rules = seenIn(runner.rules)
    const links = seenIn(runner.links)
    if (!rules || !links || !isComplete(rules)) return []
    const dropping = rules.tables.filter(dropsForwarded)
    return dropping.flatMap((table) =>
      links.filter(isForeignNetwork).flatMap((link) => faultOf(link, table, runner)),
    )
  },
})

const dropsForwarded = ({ backend, family, name, chains }: TableFact): boolean =>
  backend !== 'native' &&
  family === 'ip' &&
  name === 'filter' &&
  chains.some((chain) => chain.name === 'FORWARD' && chain.policy === 'DROP')

/** A bridge in use for pods, virtual machines or containers that are not Docker's. */
const isForeignNetwork = ({ name, kind, up, carrier }: LinkFact): boolean =>
  kind === 'bridge' && up === true && carrier === true && /^(?:cni|virbr|lxdbr|incusbr|podman)\d+$/.test(name)

/** Chains whose owner accepts its packets by mark or address, without naming the bridge. */
const acceptingChains =
  /^(?:FLANNEL-FWD|CNI-FORWARD|CILIUM_FORWARD|cali-FORWARD|KUBE-ROUTER-FORWARD|ufw-user-forward)$/

function faultOf(link: LinkFact, { chains, backend }: TableFact, runner: View): Fault[] {
  const { rules } = runner
  const reached = reachedFrom('FORWARD', chains)
  const addresses = link.addresses.map(parseIpv4Network).filter((range) => range !== undefined)
  const accepted = reached.some(
    ({ name, rules: chainRules }) =>
      (acceptingChains.test(name) && chainRules.length > 0) ||
      chainRules.some((rule) => rule.includes('-j ACCEPT') && appliesTo(rule, link.name, addresses)),
  )
  if (accepted) return []
  const forward = chains.find(({ name }) => name === 'FORWARD')?.rules ?? []
  return [
    {
      subject: link.name,
      message: `FORWARD has the policy DROP (iptables-${backend}), and no rule accepts packets of ${link.name}`,
      expected: `a rule that accepts packets from and to ${link.name}`,
      actual: `${count(forward.length, 'rule')} in FORWARD, no such rule`,
      evidence: [
        ...forward.slice(0, 6).map((rule) => `FORWARD ${rule}`),
        `rules read from ${rules.seen ? rules.from : ''}`,
      ],
      cause: link.name,
      explains: [link.name],
      advice: adviceFor(link.name, uplinkOf(runner)?.name ?? 'UPLINK'),
    },
  ]
}

/** Only what goes to the uplink and what answers it: Docker’s networks stay isolated from this bridge. */
const adviceFor = (bridge: string, uplink: string): string =>
  `Accept them in DOCKER-USER, the chain for operators’ rules: “iptables -I DOCKER-USER -i ${bridge} -o ${uplink} -j ACCEPT” and “iptables -I DOCKER-USER -i ${uplink} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT”. For pods, restart flannel or k3s instead, which write their rules again.`

/** Whether a rule applies to a bridge: it names the bridge or its addresses, or neither an interface nor an address. */
function appliesTo(rule: string, bridge: string, addresses: Network[]): boolean {
  const words = rule.split(' ')
  const after = (flags: string[]) => words.filter((_, at) => flags.includes(words[at - 1] ?? ''))
  const interfaces = after(['-i', '-o'])
  if (interfaces.length > 0)
    return interfaces.some(
      (name) => name === bridge || (name.endsWith('+') && bridge.startsWith(name.slice(0, -1))),
    )
  const ranges = after(['-s', '-d']).flatMap((text) => parseIpv4Network(text) ?? [])
  if (ranges.length > 0)
    return ranges.some((range) => addresses.some((own) => contains(range, own) || contains(own, range)))
  // A rule that accepts only replies, marked packets or one protocol does not open a connection by itself.
  return !/ctstate|--state|mark|-p /.test(rule)
}

/** All chains that a packet can pass. */
function reachedFrom(start: string, chains: ChainFact[]): ChainFact[] {
  const byName = new Map(chains.map((chain) => [chain.name, chain]))
  const reached = new Map<string, ChainFact>()
  const waiting = [start]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chain = byName.get(name)
    if (!chain || reached.has(name)) continue
    reached.set(name, chain)
    for (const rule of chain.rules) {
      const target = /(?:^| )-[jg] (\S+)/.exec(rule)?.[1]
      if (target !== undefined) waiting.push(target)
    }
  }
  return [...reached.values()]
}

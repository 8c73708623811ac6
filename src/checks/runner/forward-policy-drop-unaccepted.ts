import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { contains, rangeOf } from '../../facts/queries/runner/ranges.ts'
import { isWhole } from '../../facts/queries/runner/rule-drift.ts'
import type { ChainFact, LinkFact, TableFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'rules' | 'vantage' | 'engine' | 'networks' | 'links' | 'programs'>

export default runnerCheck({
  id: 'forward-policy-drop-unaccepted',
  title: 'what FORWARD drops by default is accepted before',
  fault:
    'FORWARD drops by default, as Docker sets it, and no rule accepts the packets of another network on this host.',
  severity: 'error',
  advice:
    'Accept them in the chain that Docker leaves to operators: iptables -I DOCKER-USER -i BRIDGE -j ACCEPT, and -o BRIDGE; or turn on ip_forward before Docker starts, so that it leaves the policy alone.',
  reads: ['runner.rules'],
  consults: ['runner.vantage', 'runner.engine', 'runner.networks', 'runner.links', 'runner.programs'],
  run: (runner) => {
    const rules = seenIn(runner.rules)
    const links = seenIn(runner.links)
    if (!rules || !links || !isWhole(rules)) return []
    const dropping = rules.tables.filter(dropsForwarded)
    return dropping.flatMap((table) =>
      links.filter(isOthersNetwork).flatMap((link) => faultOf(link, table, runner)),
    )
  },
})

const dropsForwarded = ({ backend, family, name, chains }: TableFact): boolean =>
  backend !== 'native' &&
  family === 'ip' &&
  name === 'filter' &&
  chains.some((chain) => chain.name === 'FORWARD' && chain.policy === 'DROP')

/** Bridges of pods, machines and containers of others, with something at them. */
const isOthersNetwork = ({ name, kind, up, carrier }: LinkFact): boolean =>
  kind === 'bridge' && up === true && carrier === true && /^(?:cni|virbr|lxdbr|incusbr|podman)\d+$/.test(name)

/** Chains whose owner accepts what it forwards, by mark or by address, without naming the bridge. */
const accepting =
  /^(?:FLANNEL-FWD|CNI-FORWARD|CILIUM_FORWARD|cali-FORWARD|KUBE-ROUTER-FORWARD|ufw-user-forward)$/

function faultOf(link: LinkFact, { chains, backend }: TableFact, { rules }: View): Fault[] {
  const reached = reachedFrom('FORWARD', chains)
  const addresses = link.addresses.map(rangeOf).filter((range) => range !== undefined)
  const accepted = reached.some(
    ({ name, rules: own }) =>
      (accepting.test(name) && own.length > 0) ||
      own.some((rule) => rule.includes('-j ACCEPT') && concerns(rule, link.name, addresses)),
  )
  if (accepted) return []
  const forward = chains.find(({ name }) => name === 'FORWARD')?.rules ?? []
  return [
    {
      subject: link.name,
      message: `iptables-${backend} drops by default what FORWARD does not accept, and accepts nothing of ${link.name}`,
      expected: `a rule that accepts packets from and to ${link.name}`,
      actual: `${forward.length} rules in FORWARD, none for it`,
      evidence: [
        ...forward.slice(0, 6).map((rule) => `FORWARD ${rule}`),
        `seen from ${rules.seen ? rules.from : ''}`,
      ],
      cause: link.name,
    },
  ]
}

/** A rule concerns a bridge that it names, whose addresses it names, or where it names neither bridge nor address. */
function concerns(rule: string, bridge: string, addresses: { first: number; last: number }[]): boolean {
  const words = rule.split(' ')
  const after = (flags: string[]) => words.filter((_, at) => flags.includes(words[at - 1] ?? ''))
  const interfaces = after(['-i', '-o'])
  if (interfaces.length > 0)
    return interfaces.some(
      (name) => name === bridge || (name.endsWith('+') && bridge.startsWith(name.slice(0, -1))),
    )
  const ranges = after(['-s', '-d']).flatMap((text) => rangeOf(text) ?? [])
  if (ranges.length > 0)
    return ranges.some((range) => addresses.some((own) => contains(range, own) || contains(own, range)))
  // What accepts only answers, marked packets or one protocol opens no connection by itself.
  return !/ctstate|--state|mark|-p /.test(rule)
}

/** The chains that a packet may pass, each once. */
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

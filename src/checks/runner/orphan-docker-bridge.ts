import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { type DockerRule, dockerRulesIn } from '../../facts/queries/runner/docker-rules.ts'
import { ruleDrift } from '../../facts/queries/runner/rule-drift.ts'
import type { LinkFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'churn' | 'vantage' | 'engine' | 'rules' | 'networks' | 'links' | 'daemons'>

export default runnerCheck({
  id: 'orphan-docker-bridge',
  title: 'every Docker bridge belongs to a network',
  fault:
    'Orphaned bridges: Docker bridges exist without a network, because creating or removing the network failed half-way.',
  severity: 'warning',
  advice:
    'Check that nothing is attached: “ip link show master BRIDGE” lists nothing. Then delete each bridge: “ip link delete BRIDGE”. It keeps its address range until then, and restarting Docker leaves it.',
  reads: ['runner.networks', 'runner.links'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine', 'runner.rules', 'runner.daemons'],
  run: (runner) =>
    // Next to a second engine, the bridge can be that one's.
    (runner.daemons?.length ?? 0) > 1
      ? []
      : ruleDrift(runner).orphanBridges.map((link) => faultOf(link, rulesNaming(link.name, runner))),
})

function rulesNaming(bridge: string, { rules }: View): DockerRule[] {
  const seen = seenIn(rules)
  return (seen && dockerRulesIn(seen).byBridge.get(bridge)) ?? []
}

function faultOf({ name, addresses }: LinkFact, rules: DockerRule[]): Fault {
  const [rule] = rules
  // The rule first: without the bridge, it would be a stale one.
  const iptables = rule?.family === 'ip6' ? 'ip6tables' : 'iptables'
  const commands = rule
    ? `“${iptables} -t ${rule.table} -D ${rule.chain} ${rule.rule} && ip link delete ${name}”`
    : `“ip link delete ${name}”`
  return {
    subject: name,
    message: `no network uses this bridge${addresses.length > 0 ? `; it holds ${addresses.slice(0, 4).join(', ')}` : ''}${rule ? '; a rule for it exists' : ''}`,
    expected: `a network whose id starts with ${name.slice('br-'.length)}`,
    actual: 'no such network in the engine',
    absent: true,
    ...(rules.length > 0
      ? { evidence: rules.map(({ table, chain, rule }) => `${table} ${chain} ${rule}`) }
      : {}),
    cause: 'orphans',
    advice: `Check that nothing is attached: “ip link show master ${name}” lists nothing. Then delete ${rule ? 'its rule and it' : 'it'}: ${commands}. It keeps its address range until then, and restarting Docker leaves it.`,
  }
}

import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { ruleText } from '../../facts/queries/runner/docker-rules.ts'
import { ruleDrift, type StaleBridge } from '../../facts/queries/runner/rule-drift.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'churn' | 'links' | 'rules' | 'vantage' | 'engine' | 'networks' | 'programs'>

export default runnerCheck({
  id: 'iptables-stale-bridge-rule',
  title: 'every bridge in Docker’s rules exists',
  fault:
    'Stale rules: Docker’s rules name bridges that no longer exist, because a program wrote back an old copy of the rules.',
  severity: 'error',
  advice:
    'When no job is running, delete these rules (commands on the page; restarting Docker leaves them), then find the program that rewrites whole tables on this host.',
  reads: ['runner.links', 'runner.rules'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine', 'runner.networks', 'runner.programs'],
  run: (runner) => ruleDrift(runner).staleBridges.map((stale) => faultOf(stale, runner)),
})

function faultOf({ bridge, rules, network }: StaleBridge, runner: View): Fault {
  const evidence = rules.slice(0, 12).map(ruleText)
  if (network) {
    return {
      subject: bridge,
      message: `the network ${network.name} and ${count(rules.length, 'rule')} exist, but the bridge does not`,
      expected: `a bridge ${bridge}`,
      actual: 'no such link',
      evidence,
      cause: 'bridge deleted',
      title: 'Bridge deleted: the bridge of a network is gone, but the engine and its rules still name it.',
      advice: `Recreate the network: stop its containers, run docker network rm ${network.name}, and create it again. Its containers have no network until then.`,
    }
  }
  return {
    subject: bridge,
    message: `${count(rules.length, 'rule')} left for a bridge that does not exist`,
    expected: 'no rule, because the network is gone',
    actual: count(rules.length, 'rule'),
    evidence,
    cause: 'stale rules',
    severity: runsDocker(runner) ? 'error' : 'note',
  }
}

/** The rules of an engine that no longer runs are harmless. */
const runsDocker = ({ engine, programs }: View): boolean =>
  seenIn(engine)?.flavour === 'docker' || (seenIn(programs)?.includes('dockerd') ?? true)

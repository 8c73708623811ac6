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
  title: 'every bridge that Docker’s rules name is there',
  fault:
    'Docker’s rules name bridges that are gone: whoever wrote the rules last wrote back an old copy of them.',
  severity: 'error',
  advice:
    'When no job runs, delete these rules (the page has the commands; restarting Docker leaves them), then find out who writes whole tables on this host.',
  reads: ['runner.links', 'runner.rules'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine', 'runner.networks', 'runner.programs'],
  run: (runner) => ruleDrift(runner).stale.map((stale) => faultOf(stale, runner)),
})

function faultOf({ bridge, rules, network }: StaleBridge, runner: View): Fault {
  const evidence = rules.slice(0, 12).map(ruleText)
  if (network) {
    return {
      subject: bridge,
      message: `${count(rules.length, 'rule')} and the network ${network.name} are there, the bridge is gone`,
      expected: `a bridge ${bridge}`,
      actual: 'no such link',
      evidence,
      cause: 'bridge deleted',
      title: 'A network’s bridge was deleted; the engine and its rules still name it.',
      advice: `Remove and make the network again: docker network rm ${network.name}. Its containers have no network until then.`,
    }
  }
  return {
    subject: bridge,
    message: `${count(rules.length, 'rule')} left, no such bridge`,
    expected: 'no rule, as the network is gone',
    actual: `${count(rules.length, 'rule')}`,
    evidence,
    cause: 'stale rules',
    severity: runsDocker(runner) ? 'error' : 'note',
  }
}

/** Rules of an engine that no longer runs do no harm. */
const runsDocker = ({ engine, programs }: View): boolean =>
  seenIn(engine)?.flavour === 'docker' || (seenIn(programs)?.includes('dockerd') ?? true)

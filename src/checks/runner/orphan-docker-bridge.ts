import { ruleDrift } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'orphan-docker-bridge',
  title: 'every bridge of Docker’s making has its network',
  fault: 'Bridges are left that no network of the engine has: making or removing a network failed half-way.',
  severity: 'warning',
  advice:
    'Delete the bridges (ip link delete BRIDGE): they hold address ranges, and restarting Docker leaves them.',
  reads: ['runner.networks', 'runner.links'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine', 'runner.rules'],
  run: (runner) =>
    ruleDrift(runner).orphans.map(({ name, addresses }) => ({
      subject: name,
      message: `no network has this bridge${addresses.length > 0 ? `; it holds ${addresses.slice(0, 4).join(', ')}` : ''}`,
      expected: `a network whose id begins with ${name.slice('br-'.length)}`,
      actual: 'nothing among the networks of the engine',
      cause: 'orphans',
      advice: `Delete it: ip link delete ${name}. It holds its address range until then, and restarting Docker leaves it.`,
    })),
})

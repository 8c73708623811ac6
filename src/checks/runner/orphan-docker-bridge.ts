import { ruleDrift } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'orphan-docker-bridge',
  title: 'every Docker bridge belongs to a network',
  fault:
    'Orphaned bridges: Docker bridges exist without a network, because creating or removing the network failed half-way.',
  severity: 'warning',
  advice:
    'Check that nothing is attached (ip link show master BRIDGE), then delete each bridge: ip link delete BRIDGE. It keeps its address range until then, and restarting Docker leaves it.',
  reads: ['runner.networks', 'runner.links'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine', 'runner.rules'],
  run: (runner) =>
    ruleDrift(runner).orphanBridges.map(({ name, addresses }) => ({
      subject: name,
      message: `no network uses this bridge${addresses.length > 0 ? `; it holds ${addresses.slice(0, 4).join(', ')}` : ''}`,
      expected: `a network whose id starts with ${name.slice('br-'.length)}`,
      actual: 'no such network in the engine',
      absent: true,
      cause: 'orphans',
      advice: `Check that nothing is attached (ip link show master ${name}), then delete it: ip link delete ${name}. It keeps its address range until then, and restarting Docker leaves it.`,
    })),
})

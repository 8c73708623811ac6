import { exhausted, low, poolFault } from '../../facts/queries/runner/pools.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'address-pool-low',
  title: 'Docker has address ranges left for new networks',
  fault:
    'Most of the address ranges that Docker makes networks from are taken; without one, no job can start.',
  severity: 'warning',
  advice:
    'Remove networks that nobody uses (docker network prune --filter until=24h), and give Docker smaller ones: “"default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]” in /etc/docker/daemon.json.',
  reads: ['runner.engine', 'runner.networks'],
  consults: ['runner.routes'],
  run: (runner) => poolFault(runner, low, exhausted),
})

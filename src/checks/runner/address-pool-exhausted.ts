import { exhaustedShare, poolFault } from '../../facts/queries/runner/pools.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'address-pool-exhausted',
  title: 'Docker can allocate another network',
  fault:
    'Address pools exhausted: Docker has almost no subnets left for new networks, and the next jobs fail with “could not find an available, non-overlapping IPv4 address pool”.',
  severity: 'error',
  advice:
    'Remove networks of jobs that ended: “docker ps -a --filter network=NAME” must list no container, then “docker network rm NAME”. Then configure more and smaller subnets: “"default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]” in /etc/docker/daemon.json.',
  reads: ['runner.engine', 'runner.networks'],
  consults: ['runner.routes'],
  run: (runner) => poolFault(runner, exhaustedShare, Number.POSITIVE_INFINITY),
})

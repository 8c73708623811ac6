import { exhaustedShare, lowShare, poolFault } from '../../facts/queries/runner/pools.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'address-pool-low',
  title: 'Docker’s address pools have room',
  fault:
    'Address pools running low: most of the subnets that Docker allocates to networks are in use, and without one no job can start.',
  severity: 'warning',
  advice:
    'Remove networks of jobs that ended: “docker ps -a --filter network=NAME” must list no container, then “docker network rm NAME”. Then configure more and smaller subnets: “"default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]” in /etc/docker/daemon.json.',
  reads: ['runner.engine', 'runner.networks'],
  consults: ['runner.routes'],
  run: (runner) => poolFault(runner, lowShare, exhaustedShare),
})

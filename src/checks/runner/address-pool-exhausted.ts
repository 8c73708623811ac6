import { exhausted, poolFault } from '../../facts/queries/runner/pools.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'address-pool-exhausted',
  title: 'Docker can make another network',
  fault:
    'Almost no address range is left that Docker makes networks from: the next jobs fail with “could not find an available, non-overlapping IPv4 address pool”.',
  severity: 'error',
  advice:
    'Remove networks that nobody uses now (docker network prune --filter until=24h), then give Docker smaller ones: “"default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]” in /etc/docker/daemon.json.',
  reads: ['runner.engine', 'runner.networks'],
  consults: ['runner.routes'],
  run: (runner) => poolFault(runner, exhausted, Number.POSITIVE_INFINITY),
})

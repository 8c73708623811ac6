import { seenIn } from '../../core/observed.ts'
import { neighboursIn } from '../../facts/queries/packet/neighbours.ts'
import { placeText } from '../../facts/queries/packet/stop-text.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'icc-not-enforced',
  title: 'containers of networks with enable_icc=false do not reach each other',
  fault:
    'Containers not kept apart: a network has enable_icc=false, but its containers still reach each other.',
  severity: 'warning',
  advice:
    'Load br_netfilter with modprobe, and switch it on: “sysctl -w net.bridge.bridge-nf-call-iptables=1”. Without it, the rule that keeps them apart sees no packet within a bridge.',
  reads: ['runner.networks', 'runner.links', 'runner.rules', 'runner.routes'],
  consults: ['runner.vantage', 'runner.engine'],
  run: (runner) => {
    if (seenIn(runner.engine)?.flavour !== 'docker') return []
    return neighboursIn(runner).flatMap(({ bridge, network, filtered, addresses, result }) => {
      // Swarm's own bridge has no services that listen.
      if (network?.icc !== false || result.kind !== 'together' || network.name === 'docker_gwbridge')
        return []
      const evidence = result.accepted ? placeText(result.accepted) : []
      return [
        {
          subject: network.name,
          message: `${bridge}: a container reaches the ports of another one`,
          expected: `a new connection from ${addresses[0]} to ${addresses[1]} is dropped`,
          evidence: filtered ? evidence : ['net.bridge.bridge-nf-call-iptables is not 1'],
          cause: filtered ? `rules ${evidence.join(' ')}` : 'br_netfilter',
          ...(filtered
            ? {
                advice: result.accepted
                  ? 'Narrow the rule that accepts the packets, so that it is not for packets within a bridge.'
                  : 'When no job is running, restart Docker: “systemctl restart docker” recreates its rules.',
              }
            : {}),
        },
      ]
    })
  },
})

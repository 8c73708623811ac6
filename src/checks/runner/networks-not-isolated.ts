import type { Fault } from '../../core/finding.ts'
import { type Exposed, exposedIn } from '../../facts/queries/packet/isolation.ts'
import { placeText } from '../../facts/queries/packet/stop-text.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'networks-not-isolated',
  title: 'Docker’s networks are isolated from each other',
  fault:
    'Isolation lost: containers of one Docker network reach those of another, because a rule accepts the packets before Docker’s own rules drop them.',
  severity: 'warning',
  advice: 'Narrow the rule that accepts them to packets from or to the uplink (commands on the page).',
  reads: ['runner.networks', 'runner.links', 'runner.rules', 'runner.routes'],
  consults: ['runner.vantage', 'runner.engine'],
  run: (runner) => exposedIn(runner).map(faultOf),
})

function faultOf({ network, bridge, from, unreached, accepted }: Exposed): Fault {
  const isReached = unreached.length === 0
  const evidence = accepted ? placeText(accepted) : []
  const fault = {
    subject: network.name,
    message: from
      ? `${bridge}: containers of the network ${from.name} reach every port of its containers`
      : `${bridge}: nothing leads to ${unreached.length} of its chains`,
    ...(isReached || from
      ? {
          expected: 'packets from other networks are dropped',
          actual: accepted ? 'accepted' : 'no rule drops them',
        }
      : { expected: 'a rule or a map leads to each of them', actual: 'none does' }),
    evidence: [...evidence, ...unreached.map((chain) => `no rule or map leads to the chain ${chain}`)],
  }
  if (accepted && isReached) return { ...fault, cause: `accepted ${evidence.join(' ')}` }
  return {
    ...fault,
    ...(isReached ? {} : { severity: 'error' }),
    cause: isReached ? 'no rule' : 'unreached',
    title: isReached
      ? 'Isolation lost: containers of one Docker network reach those of another, because no rule drops the packets.'
      : 'Docker’s rules not reached: chains of a network exist, but nothing leads to them any more, so that its rules have no effect.',
    advice:
      'When no job is running, restart Docker: “systemctl restart docker” recreates its rules. Then find the program that changed them.',
  }
}

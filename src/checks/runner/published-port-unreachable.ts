import type { Fault, Severity } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { doubtAdvice, portAdvice } from '../../facts/queries/packet/published-advice.ts'
import { portText, targetText } from '../../facts/queries/packet/published-ports.ts'
import { isFirewall, portEffect, portEvidence } from '../../facts/queries/packet/published-text.ts'
import { type Unreachable, unreachablePortsIn } from '../../facts/queries/packet/published-way.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'published-port-unreachable',
  title: 'connections to published ports reach their containers',
  fault:
    'Published port unreachable: this host does not lead connections to a published port to its container, or the answers back.',
  severity: 'error',
  advice: 'Change what stops the packets; the evidence names it.',
  reads: ['runner.links', 'runner.rules', 'runner.routes'],
  consults: [
    ...(['runner.published', 'runner.proxies', 'runner.daemons'] as const),
    ...(['runner.vantage', 'runner.engine', 'runner.networks'] as const),
  ],
  run: (runner) => {
    const isPodman = seenIn(runner.engine)?.flavour === 'podman'
    return unreachablePortsIn(runner).map((one) => faultOf(one, isPodman))
  },
})

function faultOf(unreachable: Unreachable, isPodman: boolean): Fault {
  const { port, from, stop, certain } = unreachable
  const evidence = portEvidence(unreachable)
  const title = titleOf(unreachable)
  return {
    ...{ subject: portText(port), severity: severityOf(unreachable), evidence },
    message: `${port.container === undefined ? '' : `${port.container}: `}${portEffect(unreachable)}`,
    expected: `a new connection from ${from} to port ${portText(port)} reaches ${targetText(port)}, and is answered`,
    cause: `${from} ${stop.kind} ${evidence.join(' ')}`,
    ...(title === undefined ? {} : { title }),
    advice: certain ? portAdvice(unreachable, isPodman) : doubtAdvice(unreachable),
  }
}

const severityOf = (unreachable: Unreachable): Severity =>
  !unreachable.certain
    ? 'note'
    : isFirewall(unreachable) || unreachable.from === 'its network'
      ? 'warning'
      : 'error'

function titleOf(unreachable: Unreachable): string | undefined {
  const { certain, from } = unreachable
  if (!certain)
    return 'Published port not known: whether connections reach it depends on a rule that regguard cannot judge.'
  if (from === 'this host')
    return 'Published port unreachable: programs on this host itself do not reach a port that a container publishes.'
  if (from === 'its network')
    return 'Published port unreachable: containers do not reach a published port of another container at their own bridge.'
  return isFirewall(unreachable)
    ? 'Published port closed: a firewall of this host keeps other hosts from a port that a container publishes.'
    : undefined
}

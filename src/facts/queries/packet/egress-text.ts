import type { NoEgress } from './egress.ts'
import { lossText, placeText, routingText, stopEvidence } from './stop-text.ts'

/** What happens to the packets, in a few words. */
export function effectOf(trouble: NoEgress): string {
  const { certain, stop, guests, uplink } = trouble
  const what = whatOf(trouble)
  if (!certain) return `whether ${what} get through cannot be told`
  switch (stop.kind) {
    case 'elsewhere':
      return `${what} leave by ${stop.route.device} instead of ${guests.bridge}`
    case 'source':
      return `packets leave by ${uplink} with an address of the network: ${sourceText(stop)}`
    default:
      return lossText(what, stop, guests.gateway)
  }
}

function whatOf({ direction, guests: { family }, resolver }: NoEgress): string {
  if (resolver)
    return `${direction === 'out' ? 'questions to' : 'answers from'} the resolver ${resolver.address}`
  const what = direction === 'out' ? 'packets to other hosts' : 'answers from other hosts'
  return family === 'ip' ? what : `${what} by IPv6`
}

/** What should happen instead. */
export const expectationOf = ({ guests: { address }, uplink, resolver }: NoEgress): string =>
  resolver
    ? `a question from ${address} to ${resolver.address}, UDP port 53, gets there, and its answer comes back`
    : `a new connection from ${address} leaves by ${uplink}, and its answer comes back`

const sourceText = ({ at }: Extract<NoEgress['stop'], { kind: 'source' }>): string => {
  if (!at) return 'no rule masquerades them'
  return at.base.type === 'nat'
    ? 'a rule ends the chains of NAT before they are masqueraded'
    : 'a rule exempts them from connection tracking, and so from masquerading'
}

/** The facts that the verdict rests on, as the programs of the host print them. */
export function evidenceOf({ stop }: NoEgress): string[] {
  if (stop.kind === 'elsewhere') return routingText(stop)
  if (stop.kind === 'source') return stop.at ? placeText(stop.at) : []
  return stopEvidence(stop)
}

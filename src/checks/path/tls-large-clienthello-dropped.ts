import type { Fault } from '../../core/finding.ts'
import type { Delivery } from '../../facts/path/mtu.ts'
import type { PathFact } from '../../facts/path.ts'
import {
  inboundLoss,
  linkText,
  type Measured,
  measuredIn,
  mtuAdvice,
  mtuLines,
  placeOf,
} from '../../facts/queries/path/mtu.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tls-large-clienthello-dropped',
  group: 'path',
  title: 'large messages to the servers arrive',
  fault:
    'Large ClientHello lost: a small one is answered, but not one as large as Go 1.24 and OpenSSL 3.5 send it, so Docker and containerd time out.',
  severity: 'error',
  advice:
    'Set the MTU of this network to that of the path, or clamp the MSS in both directions on the router.',
  covers: ['tls-timeout', 'answer-timeout', 'egress-failing'],
  reads: ['path.mtu'],
  run: ({ path }) =>
    measuredIn(path).flatMap((endpoint) => {
      const fault = tooLarge(endpoint, path) ?? unanswered(endpoint)
      return fault ? [{ subject: endpoint.host, evidence: mtuLines(endpoint), ...fault }] : []
    }),
})

type Rest = Omit<Fault, 'subject' | 'evidence'>

/** One packet is too large for the way there. */
function tooLarge(endpoint: Measured, path: PathFact): Rest | undefined {
  const { outbound } = endpoint.found
  if (outbound.state !== 'black-hole') return undefined
  const { mtu } = outbound
  return {
    message: `the path to ${placeOf(endpoint)} carries packets of up to ${mtu} bytes, but ${linkText(path)}`,
    because:
      'This side is not told (ICMP “fragmentation needed” is lost), so it repeats packets that are too large. Uploads stall as well.',
    cause: String(mtu),
    advice: mtuAdvice(mtu, path),
  }
}

const isUnanswered = (delivery: Delivery): boolean => delivery === 'received' || delivery === 'lost'

/** The message arrives, or fails in two packets as well: it is not about the size of one packet. */
function unanswered(endpoint: Measured): Rest | undefined {
  const { firstMessage, largeBytes } = endpoint.found
  const { small, large, split } = firstMessage
  const isPlain = endpoint.protocol === 'http'
  if (isPlain || small !== 'answered' || !isUnanswered(large) || !isUnanswered(split)) return undefined
  if (inboundLoss(endpoint)) return undefined
  return {
    title:
      'Large ClientHello not handled: the server, or a device before it, does not answer one that needs two packets.',
    message: `${placeOf(endpoint)} answers a small ClientHello, but not one of ${largeBytes} bytes, whole or in two small packets`,
    because:
      'The path carries it: a firewall, load balancer or server that reads only the first packet is the usual cause (tldr.fail).',
    cause: endpoint.host,
    advice:
      'Update the firewall, load balancer or server at this address. To confirm: GODEBUG=tlsmlkem=0 in the environment of dockerd or containerd makes its ClientHello small again; pulls then work.',
  }
}

import type { Fault } from '../../core/finding.ts'
import type { WalkedLeg } from '../../facts/path/mirrors.ts'
import {
  addressOf,
  isBroken,
  isInternalLeg,
  legText,
  mirrorsIn,
  originText,
  ownLeg,
  type Placed,
} from '../../facts/queries/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'realm-outside-mirror',
  group: 'path',
  title: 'tokens come the same way as the images of a mirror',
  fault:
    'Token server outside the mirror: the mirror asks for a token of an absolute URL, and no mirror is used for that.',
  severity: 'warning',
  advice:
    'Pin the name of the token server to an internal address as well, in internal DNS or /etc/hosts of every node, or give the registry a realm inside the network.',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) =>
    (mirrors ? mirrorsIn(mirrors) : []).flatMap((placed) =>
      placed.endpoint.legs
        .filter(({ leg }) => leg.step === 'token' && hostname(leg.host) !== hostname(placed.endpoint.host))
        .flatMap((token) => faultsOf(placed, token)),
    ),
})

const hostname = (host: string): string => host.replace(/:\d+$/, '')

function faultsOf({ endpoint, pull }: Placed, token: WalkedLeg): Fault[] {
  const failed = isBroken(token)
  const own = ownLeg(endpoint)
  const leavesNetwork = own !== undefined && isInternalLeg(own) === true && isInternalLeg(token) === false
  if (!failed && !leavesNetwork) return []
  const outcome = failed
    ? `fails: ${token.failure?.detail}`
    : `is public, while the mirror is inside at ${addressOf(own ?? token)}`
  return [
    {
      subject: token.leg.url,
      severity: failed ? 'error' : 'warning',
      message: `the realm that ${endpoint.host} names for ${pull.registry}, at ${addressOf(token)}, ${outcome}`,
      evidence: [...originText(endpoint), ...(own ? [legText(own)] : []), legText(token)],
      cause: token.leg.host,
    },
  ]
}

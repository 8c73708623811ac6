import type { WalkedLeg } from '../../facts/path/mirrors.ts'
import {
  addressOf,
  brokenRegistry,
  isMisnamed,
  legText,
  mirrorsIn,
  originText,
  outcomeText,
  ownLeg,
  placedOutcome,
} from '../../facts/queries/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-host-mismatch',
  group: 'path',
  title: 'every mirror is reached under a name that its server knows',
  fault:
    'Mirror under the wrong name: the address is right, but a bare IP address sends no server name (SNI), so the ingress does not find the registry.',
  severity: 'warning',
  advice:
    'On every node, pin the name of the registry to this address in /etc/hosts (or in internal DNS), and remove the mirror.',
  covers: ['mirror-error-masked', 'mirror-fallback-broken'],
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) =>
    (mirrors ? mirrorsIn(mirrors) : []).flatMap(({ endpoint, pull }) => {
      const [own, named] = [ownLeg(endpoint), endpoint.asNamed]
      if (!own || !named || !isMisnamed(endpoint)) return []
      const broken = brokenRegistry(pull)
      const name = named.leg.hostHeader
      const fallback = broken ? `. Pulls fall back to ${name}, which fails: ${placedOutcome(broken.own)}` : ''
      return [
        {
          subject: endpoint.url,
          severity: broken ? ('error' as const) : ('warning' as const),
          message: `${addressOf(own)} gives ${outcomeText(own)} to its bare address, and HTTP ${named.status} to the name ${name}${fallback}`,
          evidence: [
            ...originText(endpoint),
            legText(own),
            legText(named),
            ...(broken ? [legText(broken.own)] : []),
          ],
          cause: `${endpoint.host} ${pull.registry}`,
          advice: `On every node, pin ${namesToPin(named)} to ${withoutPort(addressOf(own))} in /etc/hosts (or in internal DNS) and remove the mirror.${endpoint.file?.endsWith('hosts.toml') ? ' A Host header in hosts.toml does not help: containerd ignores it.' : ''}`,
        },
      ]
    }),
})

/** The registry, and its token server where that has another name. */
function namesToPin({ leg: { hostHeader }, leadsTo }: WalkedLeg): string {
  const name = withoutPort(hostHeader)
  const realm = leadsTo === undefined ? name : new URL(leadsTo).hostname
  return realm === name ? name : `${name} (and its token server ${realm})`
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, '')

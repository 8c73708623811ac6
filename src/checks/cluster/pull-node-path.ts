import type { Fault } from '../../core/finding.ts'
import type { PullRow } from '../../facts/cluster/pulls.ts'
import { egressGroups } from '../../facts/queries/cluster/egress.ts'
import { classOf } from '../../facts/queries/cluster/pull-text.ts'
import { isInternal } from '../../facts/queries/path/disagreements.ts'
import { defineCheck } from '../define.ts'
import { seenFault } from '../pull-fault.ts'

export default defineCheck({
  id: 'pull-node-path',
  group: 'cluster',
  title: 'no pull fails on its way from a node',
  fault: 'Node path: the request of a node did not get through to the host.',
  severity: 'error',
  advice: 'Compare the way from that node with a node that pulls: name, address, route, firewall.',
  reads: ['cluster.pods', 'cluster.events'],
  consults: ['cluster.views'],
  run: ({ cluster }) => {
    const { pulls } = cluster
    const byEgress = new Set(egressGroups(pulls).flat())
    return pulls
      .filter((row) => classOf(row) === 'path' && !byEgress.has(row))
      .map((row) => ({ ...seenFault(row, cluster), ...adviceFor(row), ...reasonFor(row) }))
  },
})

/** A node that runs the image from its cache has proven nothing of the path. */
function reasonFor({ cachedOn, pulledOn }: PullRow): Pick<Fault, 'because'> {
  if (pulledOn.length > 0)
    return {
      because: `Other nodes pulled it in the last hour, so the registry has the image: ${pulledOn.slice(0, 4).join(', ')}.`,
    }
  if (cachedOn.length > 0)
    return {
      because: `Nodes that run it did not pull it in the last hour: the image was there before, so they prove nothing of the path (${cachedOn.length}).`,
    }
  return {}
}

const pin =
  'pin its name to the internal address in /etc/hosts of every node, and those of its token server and storage'

/** What to do, by what failed. An address that was dialled says which way the node took. */
function adviceFor({
  error: { kind, host },
  addresses,
}: PullRow): Pick<Fault, 'advice'> | Record<string, never> {
  const isPublic = addresses.some((one) => !isInternal(one.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')))
  switch (kind) {
    case 'connection-timeout':
    case 'host-unreachable':
      return isPublic
        ? {
            advice: `If ${host} is in your own network, the node reaches it only by NAT reflection of its public address: ${pin}. Else check the route and the firewall of the node.`,
          }
        : { advice: `From the node, reach ${host} at this address: check its route, VLAN and firewall.` }
    case 'name-not-resolved':
      return {
        advice: `From the node, ask the resolver that is named for ${host}. Nodes resolve through another chain than pods, so cluster DNS does not help; or ${pin}.`,
      }
    case 'tls-timeout':
      return {
        advice: `TCP works and the TLS handshake does not: measure the path MTU from the node to ${host}, and compare with a node that pulls.`,
      }
    case 'tls-untrusted':
      return {
        advice: `Give the runtime of the node the certificate authority of ${host} (certs.d), the same as on nodes that pull.`,
      }
    case 'tls-name-mismatch':
      return {
        advice: `Another server answers for ${host}: check the address that the node dials, and that a mirror is named by its host name and not by its address.`,
      }
    case 'tls-plain-http':
      return {
        advice: `${host} speaks plain HTTP: give it a certificate, or name it with http:// in hosts.toml or registries.yaml of every node.`,
      }
    default:
      return {}
  }
}

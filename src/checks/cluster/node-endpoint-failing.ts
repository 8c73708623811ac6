import type { Fault } from '../../core/finding.ts'
import { defineCheck } from '../define.ts'
import { differenceText, type NodeFaultOf, nodeFaults, pinFor } from '../node-fault.ts'

export default defineCheck({
  id: 'node-endpoint-failing',
  group: 'cluster',
  title: 'every node reaches what other nodes reach',
  fault: 'Way of these nodes: an endpoint does not answer them, and answers other nodes.',
  severity: 'error',
  advice: 'Compare these nodes with one that gets through: name, address, default route, MTU, firewall.',
  reads: ['cluster.views'],
  run: ({ cluster }) =>
    nodeFaults(cluster, 'node').map((one) => ({
      ...one.fault,
      ...(one.isEgress ? egress : {}),
      because: reasonFor(one),
      ...adviceFor(one),
    })),
})

const egress = {
  title:
    'Egress of these nodes: hosts that have nothing to do with each other do not answer them, and answer other nodes.',
}

const reasonFor = ({ differences }: NodeFaultOf): string =>
  differences.length > 0
    ? `Other nodes get through, so that the host is well. In this the nodes differ: ${differences.map(differenceText).join('; ')}.`
    : 'Other nodes get through, so that the host is well; MTU, default route and resolvers of these nodes are like those of most.'

function adviceFor({ verdict, differences }: NodeFaultOf): Partial<Fault> {
  const { row, failing } = verdict
  const [first] = failing
  const name = row.host.replace(/:\d+$/, '')
  if (first?.failure?.phase === 'dns')
    return {
      advice: `Ask each resolver of these nodes for ${name}, and compare /etc/resolv.conf with that of another node.`,
    }
  if (first?.failure?.kind === 'tls-timeout')
    return {
      advice: `TCP works and the TLS handshake does not: measure the path MTU from these nodes (“regguard-plugin --endpoints ${name} --path_mtu”), and compare with a node that gets through.`,
    }
  const pin = pinFor(verdict)
  if (pin) return pin
  if (differences.some(({ what }) => what === 'default route'))
    return { advice: 'Follow the default route of these nodes: their router is another than that of most.' }
  return {}
}

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
      ...(isOfOtherView(one) ? ofOtherView : {}),
      because: reasonFor(one),
      ...adviceFor(one),
    })),
})

const egress = {
  title:
    'Egress of these nodes: hosts that have nothing to do with each other do not answer them, and answer other nodes.',
}

/** Where nodes fail and only pods get through elsewhere, or the other way round, no other node shows that its own way is well. */
const isOfOtherView = ({ verdict: { failing, working } }: NodeFaultOf): boolean =>
  failing.every(({ view }) => working.every((one) => one.view.kind !== view.kind))

const ofOtherView = {
  title:
    'Way of these nodes: an endpoint does not answer them, and answers others only from their other network.',
}

function reasonFor(one: NodeFaultOf): string {
  const { differences, isUsual, verdict } = one
  const others = isOfOtherView(one)
    ? verdict.working[0]?.view.kind === 'pod'
      ? 'Only pods on other nodes get through, so that the host is well; no node is known to reach it on its own network.'
      : 'Other nodes get through only on their own network, so that the host is well; no pod is known to reach it.'
    : 'Other nodes get through, so that the host is well'
  const end = isOfOtherView(one) ? '' : '.'
  if (differences.length > 0)
    return `${others}${end} In this the nodes differ: ${differences.map(differenceText).join('; ')}.`
  if (isOfOtherView(one) || !isUsual) return `${others}${end}`
  return `${others}; MTU, default route and resolvers of these nodes are like those of most.`
}

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

import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/node-not-probed.ts'
import type { NodeView } from '../../../src/facts/cluster/views.ts'
import { faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterReport } from '../../support/cluster/cluster-reports.ts'
import { clusterWith, legs, viewsOf } from '../../support/cluster/node-views.ts'

const all = viewsOf(() => [legs.works('ghcr.io')])
const unread = (view: NodeView, why: string, more: Partial<NodeView> = {}): NodeView => {
  const { report: _, ...rest } = view
  return { ...rest, why, ...more }
}
const change = (of: (view: NodeView) => NodeView | undefined) =>
  clusterWith(all.flatMap((one) => of(one) ?? []))

test('every node with both views is none', () => {
  expect(faultsOf(check, clusterWith(all))).toEqual([])
  expect(clusterReport(clusterWith(all), { nodes: 'true' })).toMatchObject({ status: 'pass', exitCode: 0 })
})

test('a node without a probe is named, with the view that is missing, and the run is not whole', () => {
  const cluster = change((view) => (view.node === 'node-3' && view.kind === 'host' ? undefined : view))
  expect(faultsOf(check, cluster)).toMatchObject([
    { subject: 'node-3', severity: 'warning', message: 'its own network: no probe runs there' },
  ])
  expect(clusterReport(cluster)).toMatchObject({ status: 'unknown', exitCode: 3 })
})

test('of a node that is not ready nothing is expected', () => {
  const cluster = change((view) => (view.node === 'node-3' ? undefined : view))
  const nodes = cluster.nodes.map((node) => (node.name === 'node-3' ? { ...node, isReady: false } : node))
  expect(faultsOf(check, { ...cluster, nodes }).map(({ severity }) => severity)).toEqual(['note', 'note'])
  expect(clusterReport({ ...cluster, nodes })).toMatchObject({ status: 'pass', exitCode: 0 })
})

test('a probe that does not run, or whose report is old, says so', () => {
  const cluster = change((view) => {
    if (view.node === 'node-2' && view.kind === 'pod') return unread(view, 'it is Pending, ImagePullBackOff')
    return view.node === 'node-4' && view.report ? { ...view, report: { ...view.report, at: 0 } } : view
  })
  expect(faultsOf(check, cluster).map(({ subject, message }) => [subject, message])).toEqual([
    ['node-2', 'its pods: pod probe-pod-node-2: it is Pending, ImagePullBackOff'],
    ['node-4', 'its own network: pod probe-host-node-4: its report is of 1970-01-01T00:00:00.000Z'],
    ['node-4', 'its pods: pod probe-pod-node-4: its report is of 1970-01-01T00:00:00.000Z'],
  ])
})

test('a missing right is one cause, with the exact rule, in that namespace alone', () => {
  const cluster = change((view) => unread(view, 'HTTP 403: pods "x" is forbidden', { isForbidden: true }))
  const faults = faultsOf(check, cluster)
  expect([faults.length, new Set(faults.map(({ cause }) => cause)).size]).toEqual([14, 1])
  expect(faults[0]).toMatchObject({
    advice: expect.stringContaining('{apiGroups: [""], resources: [pods/proxy], verbs: [get]}'),
    commands: [
      'kubectl -n regguard-probes create role regguard-reports --verb=get --resource=pods/proxy',
      'kubectl -n regguard-probes create rolebinding regguard-reports --role=regguard-reports --user=USER',
    ],
  })
})

test('no probe at all, and pods that may not be listed', () => {
  expect(faultsOf(check, clusterWith([]))).toMatchObject([
    { subject: 'regguard-probes', advice: expect.stringContaining('node-probes.yaml') },
  ])
  const failure = { kind: 'forbidden' as const, status: 403, why: 'HTTP 403: pods is forbidden' }
  const cluster = clusterWith([], {}, { failure })
  expect(faultsOf(check, cluster)).toMatchObject([
    { message: failure.why, advice: expect.stringContaining('list pods in regguard-probes') },
  ])
  expect(clusterReport(cluster)).toMatchObject({ exitCode: 3 })
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/node-endpoint-failing.ts'
import { faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterWith, legs, viewOf, viewsOf } from '../../support/cluster/node-views.ts'
import { backOff, podOf, resolveError } from '../../support/cluster/objects.ts'

const registry = 'registry.example.com'
const isThird = (node: string) => node === 'node-3'

/** Incident B: one node dials the public address, the others have the pin. */
const hairpin = viewsOf((node) => [isThird(node) ? legs.timesOut(registry) : legs.works(registry)])

test('one node of seven: its address, where the others get through, and the pin as the action', () => {
  expect(faultsOf(check, clusterWith(hairpin))).toMatchObject([
    {
      subject: `https://${registry}/v2/`,
      severity: 'error',
      message:
        'fails from 1 of 7 nodes (node-3): 203.0.113.7: connection to 203.0.113.7:443 timed out after 5 s',
      evidence: expect.arrayContaining([
        'node-1, node-2, node-4, node-5 and 2 more get through, at 10.0.0.10',
      ]),
      advice: expect.stringContaining('Pin registry.example.com to its internal address'),
      commands: ["echo '10.0.0.10 registry.example.com' | sudo tee -a /etc/hosts"],
    },
  ])
})

test('no pin where the others use a public address, too', () => {
  const views = viewsOf((node) => [
    isThird(node) ? legs.timesOut(registry) : legs.works(registry, '203.0.113.7'),
  ])
  const [fault] = faultsOf(check, clusterWith(views))
  expect(fault?.commands).toBeUndefined()
  expect(fault?.advice).toContain('Compare these nodes')
})

test('in what such a node differs from most is told, and what they have in common is not', () => {
  const views = hairpin.map((view) =>
    isThird(view.node) ? viewOf(view.node, view.kind, view.report?.legs ?? [], { mtu: 1400 }) : view,
  )
  const [fault] = faultsOf(check, clusterWith(views))
  expect(fault?.because).toContain('In this the nodes differ: MTU 1400, while 6 nodes have 1500.')
  expect(faultsOf(check, clusterWith(hairpin))[0]?.because).toContain('like those of most')
})

test('unrelated hosts that fail from the same node are one cause: its egress', () => {
  const views = viewsOf((node) =>
    ['ghcr.io', 'quay.io'].map((host) => (isThird(node) ? legs.stalls(host) : legs.works(host))),
  )
  const faults = faultsOf(check, clusterWith(views))
  expect(faults.map(({ title }) => title)).toEqual([
    expect.stringMatching(/^Egress of these nodes:/),
    expect.stringMatching(/^Egress of these nodes:/),
  ])
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
  expect(faults[0]?.message).toContain('TLS handshake timed out after 10 s (3 of 3)')
  expect(faults[0]?.advice).toContain('--path_mtu')
})

test('a way that fails now and then is a warning', () => {
  const views = viewsOf((node) => [
    isThird(node) ? legs.stalls('ghcr.io', '203.0.113.21', 1) : legs.works('ghcr.io'),
  ])
  expect(faultsOf(check, clusterWith(views))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('(1 of 3)') },
  ])
})

test('a failed pull of that node from that host has it as its evidence, and no second finding', () => {
  const failing = podOf({
    node: 'node-3',
    waiting: backOff(resolveError('dial tcp 203.0.113.7:443: i/o timeout')),
  })
  expect(faultsOf(check, clusterWith(hairpin, { pods: [failing] }))).toEqual([])
  const elsewhere = podOf({
    node: 'node-4',
    waiting: backOff(resolveError('dial tcp 203.0.113.7:443: i/o timeout')),
  })
  expect(faultsOf(check, clusterWith(hairpin, { pods: [elsewhere] }))).toHaveLength(1)
})

test('without probes, with healthy ones, and where only pods or all nodes fail, there is none', () => {
  expect(faultsOf(check, clusterWith([]))).toEqual([])
  expect(faultsOf(check, clusterWith(viewsOf(() => [legs.works(registry)])))).toEqual([])
  expect(
    faultsOf(
      check,
      clusterWith(
        viewsOf((node, kind) => [
          isThird(node) && kind === 'pod' ? legs.timesOut(registry) : legs.works(registry),
        ]),
      ),
    ),
  ).toEqual([])
  expect(faultsOf(check, clusterWith(viewsOf(() => [legs.timesOut(registry)])))).toEqual([])
})

test('a report of hours ago tells nothing', () => {
  const old = hairpin.map((view) =>
    view.report && isThird(view.node) ? { ...view, report: { ...view.report, at: 0 } } : view,
  )
  expect(faultsOf(check, clusterWith(old))).toEqual([])
})

test('where only pods elsewhere get through, other nodes are not said to', () => {
  const views = viewsOf((_, kind) => [
    kind === 'pod' ? legs.works(registry) : legs.timesOut(registry),
  ]).filter(({ node, kind }) => kind === 'host' || node === 'node-1')
  const [fault] = faultsOf(check, clusterWith(views))
  expect(fault?.title).toContain('only from their other network')
  expect(fault?.because).toMatch(/^Only pods on other nodes get through/)
})

test('nodes that each differ, or have nothing to be compared with, are not like most', () => {
  const mtus: Record<string, number> = { 'node-1': 1400, 'node-2': 1450 }
  const differing = viewsOf(() => []).map(({ node, kind }) => {
    const mtu = mtus[node]
    return viewOf(node, kind, [mtu ? legs.timesOut(registry) : legs.works(registry)], mtu ? { mtu } : {})
  })
  const two = [
    viewOf('node-1', 'host', [legs.timesOut(registry)], { mtu: 1400 }),
    viewOf('node-2', 'host', [legs.works(registry)]),
  ]
  for (const views of [differing, two])
    expect(faultsOf(check, clusterWith(views))[0]?.because).toBe(
      'Other nodes get through, so that the host is well.',
    )
})

test('a report of a clock that is far ahead tells nothing', () => {
  const ahead = hairpin.map((view) =>
    view.report && isThird(view.node) ? { ...view, report: { ...view.report, at: 4e12 } } : view,
  )
  expect(faultsOf(check, clusterWith(ahead))).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-node-path.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterWith, legs, viewsOf } from '../../support/cluster/node-views.ts'
import { app, backOff, eventOf, failedPull, podOf, resolveError } from '../../support/cluster/objects.ts'

const timedOut = resolveError('dial tcp 203.0.113.7:443: i/o timeout')

/** Incident B: the pod that moved to a node without the image; the six others run it from their cache. */
const incident = {
  pods: [
    podOf({ name: 'a', node: 'node-3', waiting: backOff(timedOut) }),
    ...[1, 2, 4, 5, 6, 7].map((at) => podOf({ node: `node-${at}` })),
  ],
  events: [eventOf({ pod: 'a', node: 'node-3', message: failedPull(timedOut), count: 51, first: 450 })],
}

test('one node whose pulls time out at a public address: node, leg, phase, address, and the pin as the action', () => {
  expect(faultsOf(check, clusterOf(incident))).toMatchObject([
    {
      subject: app,
      severity: 'error',
      title: expect.stringMatching(/^Node path:/),
      message:
        '1 of 7 nodes (node-3) · resolve, connect: connection timed out, registry.example.com at 203.0.113.7:443 · 51 times since 00:42 UTC',
      because: expect.stringContaining('prove nothing of the path (6)'),
      advice: expect.stringContaining('pin its name to the internal address in /etc/hosts of every node'),
    },
  ])
})

test('a timeout at an internal address is about the route, not about a pin', () => {
  const error = resolveError('dial tcp 10.0.0.5:443: i/o timeout')
  const [fault] = faultsOf(check, clusterOf({ pods: [podOf({ waiting: backOff(error) })] }))
  expect(fault?.advice).toContain('route, VLAN and firewall')
})

test('a name that the resolver of the node does not know names that resolver', () => {
  const error = resolveError('dial tcp: lookup registry.example.com on 10.0.0.53:53: no such host')
  const [fault] = faultsOf(check, clusterOf({ pods: [podOf({ waiting: backOff(error) })] }))
  expect(fault?.message).toContain(
    'resolve, dns: name not resolved, registry.example.com, asked of 10.0.0.53',
  )
  expect(fault?.advice).toContain('another chain than pods')
})

test('where another node pulled it within the hour, that is told', () => {
  const events = [
    ...incident.events,
    eventOf({ node: 'node-5', reason: 'Pulled', message: `Successfully pulled image "${app}" in 2s` }),
  ]
  const [fault] = faultsOf(check, clusterOf({ ...incident, events }))
  expect(fault?.because).toContain('Other nodes pulled it in the last hour')
  expect(fault?.because).toContain('node-5')
})

test('a pull that recovered is a warning', () => {
  expect(faultsOf(check, clusterOf({ ...incident, pods: [podOf({ node: 'node-3' })] }))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('no pod waits for it now') },
  ])
})

test('answers of a registry, of its content and of the node are left to other checks', () => {
  for (const tail of ['unexpected status: 403 Forbidden', 'pull QPS exceeded', 'what is this'])
    expect(faultsOf(check, clusterOf({ pods: [podOf({ waiting: backOff(tail) })] }))).toEqual([])
})

test('what the probes on the nodes see of the host is its evidence', () => {
  const views = viewsOf((node) => [
    node === 'node-3' ? legs.timesOut('registry.example.com') : legs.works('registry.example.com'),
  ])
  const [fault] = faultsOf(check, clusterWith(views, incident))
  expect(fault?.evidence?.slice(-3)).toEqual([
    'probe on node-3, its own network: 203.0.113.7: connection to 203.0.113.7:443 timed out after 5 s',
    'probe on node-3, in a pod: 203.0.113.7: connection to 203.0.113.7:443 timed out after 5 s',
    'probes elsewhere: node-1, node-2, node-4, node-5 and 2 more get through, at 10.0.0.10',
  ])
})

test('a way that works again while the pod waits is told', () => {
  const views = viewsOf(() => [legs.works('registry.example.com', '203.0.113.7')])
  const [fault] = faultsOf(check, clusterWith(views, incident))
  expect(fault?.evidence).toContain('probe on node-3, its own network: gets through now, at 203.0.113.7')
})

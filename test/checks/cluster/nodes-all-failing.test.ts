import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/nodes-all-failing.ts'
import { faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterWith, legs, viewOf, viewsOf } from '../../support/cluster/node-views.ts'

test('an endpoint that answers no node is beyond them', () => {
  const views = viewsOf(() => [legs.timesOut('ghcr.io'), legs.works('registry.example.com')])
  expect(faultsOf(check, clusterWith(views))).toMatchObject([
    {
      subject: 'https://ghcr.io/v2/',
      message: 'fails from all 7 nodes: 203.0.113.7: connection to 203.0.113.7:443 timed out after 5 s',
      title: expect.stringMatching(/^Beyond the nodes:/),
      advice: expect.stringContaining('hypervisor'),
    },
  ])
})

test('incident D: unrelated hosts that answer no node are one cause, the egress of all', () => {
  const views = viewsOf(() => ['ghcr.io', 'quay.io', 'gcr.io'].map((host) => legs.stalls(host)))
  const faults = faultsOf(check, clusterWith(views))
  expect(faults.map(({ title }) => title?.slice(0, 20))).toEqual(Array(3).fill('Egress of all nodes:'))
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
})

test('of a single node it is said that it cannot be told from what is beyond', () => {
  const [fault] = faultsOf(check, clusterWith([viewOf('node-1', 'host', [legs.timesOut('ghcr.io')])]))
  expect(fault?.because).toContain('Only one node')
})

test('a node that gets through, also one pod, shows that it is not beyond', () => {
  const views = viewsOf((node, kind) => [
    node === 'node-1' && kind === 'pod' ? legs.works('ghcr.io') : legs.timesOut('ghcr.io'),
  ])
  expect(faultsOf(check, clusterWith(views))).toEqual([])
})

test('unrelated hosts that fail from the only node with a view are not the egress of all', () => {
  const seen = ['ghcr.io', 'quay.io', 'gcr.io'].map((host) => legs.stalls(host))
  const [fault] = faultsOf(check, clusterWith([viewOf('node-1', 'host', seen)]))
  expect(fault?.title).toMatch(/^Beyond the nodes:/)
  expect(fault?.because).toContain('Only one node')
})

test('where some nodes have no view, it is said how many have one', () => {
  const views = viewsOf(() => [legs.timesOut('ghcr.io')]).slice(0, 4)
  expect(faultsOf(check, clusterWith(views))[0]?.because).toContain('2 of 7 nodes')
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/node-set-up-differs.ts'
import type { ViewKind } from '../../../src/facts/cluster/views.ts'
import type { MachineFact } from '../../../src/facts/path/machine.ts'
import { faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterWith, legs, nodeNames, viewOf } from '../../support/cluster/node-views.ts'

const host = 'ghcr.io'
const set = (
  changes: Record<string, Partial<MachineFact>>,
  kind: ViewKind = 'host',
  failing: string[] = [],
) =>
  clusterWith(
    nodeNames.map((node) =>
      viewOf(node, kind, [failing.includes(node) ? legs.stalls(host) : legs.works(host)], changes[node]),
    ),
  )

test('a node with another MTU, other resolvers or another route than most is a note', () => {
  const cluster = set({
    'node-3': { mtu: 1400, resolvers: ['1.1.1.1'] },
    'node-5': { gateway: '10.0.0.254' },
  })
  expect(
    faultsOf(check, cluster).map(({ severity, subject, message }) => [severity, subject, message]),
  ).toEqual([
    ['note', 'node-3', 'network of the node: MTU 1400, while 6 nodes have 1500'],
    ['note', 'node-3', 'network of the node: resolvers 1.1.1.1, while 6 nodes have 10.0.0.53'],
    ['note', 'node-5', 'network of the node: default route 10.0.0.254, while 6 nodes have 10.0.0.1'],
  ])
})

test('where an endpoint fails from such a node and answers others, it is a warning', () => {
  expect(faultsOf(check, set({ 'node-3': { mtu: 1400 } }, 'host', ['node-3']))).toMatchObject([
    { severity: 'warning', because: expect.stringContaining('this may be why') },
  ])
  const all = set({ 'node-3': { mtu: 1400 } }, 'host', nodeNames)
  expect(faultsOf(check, all)).toMatchObject([{ severity: 'note' }])
})

test('nodes that agree, or of which no half agrees, are not odd', () => {
  expect(faultsOf(check, set({}))).toEqual([])
  const routes = Object.fromEntries(nodeNames.map((node, at) => [node, { gateway: `10.0.${at}.1` }]))
  expect(faultsOf(check, set(routes))).toEqual([])
})

test('each pod has its own node as its default route', () => {
  expect(faultsOf(check, set({ 'node-3': { gateway: '10.42.3.1' } }, 'pod'))).toEqual([])
  expect(faultsOf(check, set({ 'node-3': { mtu: 1450 } }, 'pod'))).toMatchObject([
    { message: 'pods: MTU 1450, while 6 nodes have 1500' },
  ])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/node-network-failing.ts'
import { faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterWith, legs, viewsOf } from '../../support/cluster/node-views.ts'

const registry = 'registry.example.com'
const only = (leg: ReturnType<typeof legs.works>) =>
  viewsOf((node, kind) => [node === 'node-3' && kind === 'host' ? leg : legs.works(registry)])

test('the node itself fails while its pods get through', () => {
  expect(faultsOf(check, clusterWith(only(legs.timesOut(registry))))).toMatchObject([
    {
      severity: 'error',
      message: expect.stringContaining('fails from 1 of 7 nodes (node-3)'),
      because: expect.stringContaining('Pods on the same node get through'),
      evidence: expect.arrayContaining(['node-3 gets through, at 10.0.0.10']),
      commands: [`echo '10.0.0.10 ${registry}' | sudo tee -a /etc/hosts`],
    },
  ])
})

test('at the address that its pods use, it is a rule or a route of the node itself', () => {
  const [fault] = faultsOf(check, clusterWith(only(legs.timesOut(registry, '10.0.0.10'))))
  expect([fault?.advice, fault?.commands]).toEqual([expect.stringContaining('OUTPUT'), undefined])
})

test('for a name it is the resolver of the node, and cluster DNS is of no help', () => {
  const [fault] = faultsOf(check, clusterWith(only(legs.notFound(registry))))
  expect(fault?.title).toMatch(/^DNS of the node:/)
  expect(fault?.advice).toContain('never cluster DNS')
})

test('not where its pods fail as well, or are not seen', () => {
  const both = viewsOf((node) => [node === 'node-3' ? legs.timesOut(registry) : legs.works(registry)])
  expect(faultsOf(check, clusterWith(both))).toEqual([])
  const unseen = only(legs.timesOut(registry)).filter(({ kind }) => kind === 'host')
  expect(faultsOf(check, clusterWith(unseen))).toEqual([])
})

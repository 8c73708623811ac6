import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pod-network-failing.ts'
import { faultsOf } from '../../support/cluster/cluster-facts.ts'
import { clusterWith, legs, viewsOf } from '../../support/cluster/node-views.ts'

const registry = 'registry.example.com'
const ofPods = (leg: ReturnType<typeof legs.works>, isOne = (_node: string) => true) =>
  viewsOf((node, kind) => [kind === 'pod' && isOne(node) ? leg : legs.works(registry)])

test('pods fail while their nodes get through', () => {
  expect(faultsOf(check, clusterWith(ofPods(legs.timesOut(registry))))).toMatchObject([
    {
      severity: 'error',
      message: expect.stringContaining('fails from all 7 nodes'),
      title: expect.stringMatching(/^Network of pods:/),
      advice: expect.stringContaining('CNI'),
    },
  ])
})

test('for a name it is cluster DNS', () => {
  const [fault] = faultsOf(check, clusterWith(ofPods(legs.notFound(registry), (node) => node === 'node-2')))
  expect([fault?.title, fault?.message]).toEqual([
    expect.stringMatching(/^Cluster DNS:/),
    expect.stringContaining('1 of 7 nodes (node-2)'),
  ])
})

test('not where the node fails as well, or is not seen', () => {
  expect(faultsOf(check, clusterWith(viewsOf(() => [legs.timesOut(registry)])))).toEqual([])
  const unseen = ofPods(legs.timesOut(registry)).filter(({ kind }) => kind === 'pod')
  expect(faultsOf(check, clusterWith(unseen))).toEqual([])
})

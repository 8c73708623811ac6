import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-stuck.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, eventOf, podOf } from '../../support/cluster/objects.ts'

const creating = podOf({ name: 'a', node: 'node-3', waiting: { reason: 'ContainerCreating' } })
const began = (last: number) =>
  eventOf({ pod: 'a', node: 'node-3', reason: 'Pulling', message: `Pulling image "${app}"`, last })

test('a pull without an end or an error is named with its node and pod', () => {
  expect(faultsOf(check, clusterOf({ pods: [creating], events: [began(7)] }))).toMatchObject([
    {
      subject: app,
      severity: 'warning',
      message: 'on node-3 since 08:05 UTC (7 min), without an error',
      evidence: ['pod shop/a, container main'],
    },
  ])
})

test('a pull that has just begun is none', () => {
  expect(faultsOf(check, clusterOf({ pods: [creating], events: [began(1)] }))).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-from-cache-only.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, backOff, eventOf, failedPull, podOf, resolveError } from '../../support/cluster/objects.ts'

const error = resolveError('dial tcp 203.0.113.7:443: i/o timeout')
const failing = podOf({ name: 'a', node: 'node-3', waiting: backOff(error) })
const running = ['node-1', 'node-2'].map((node) => podOf({ node }))

test('nodes that run an image that others cannot pull are named', () => {
  expect(faultsOf(check, clusterOf({ pods: [failing, ...running] }))).toMatchObject([
    {
      subject: app,
      severity: 'warning',
      message: '2 nodes run it without a pull in the last hour: node-1, node-2',
    },
  ])
})

test('a node that pulled it within the hour shows that it can be pulled', () => {
  const events = [
    eventOf({ node: 'node-2', reason: 'Pulled', message: `Successfully pulled image "${app}" in 1s` }),
  ]
  expect(faultsOf(check, clusterOf({ pods: [failing, ...running], events }))).toEqual([])
})

test('an image that failed once and is pulled now, and one that nobody lacks, depend on no cache', () => {
  const events = [eventOf({ node: 'node-1', message: failedPull(error) })]
  expect(faultsOf(check, clusterOf({ pods: running, events }))).toEqual([])
  expect(faultsOf(check, clusterOf({ pods: running }))).toEqual([])
})

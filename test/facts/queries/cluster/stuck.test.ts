import { expect, test } from 'vitest'
import { clusterOf } from '../../../support/cluster/cluster-facts.ts'
import { app, eventOf, minutesAgo, podOf } from '../../../support/cluster/objects.ts'

const creating = podOf({ name: 'a', node: 'node-3', waiting: { reason: 'ContainerCreating' } })
const pulling = (last: number) =>
  eventOf({ pod: 'a', node: 'node-3', reason: 'Pulling', message: `Pulling image "${app}"`, last })
const pulledAt = (last: number) =>
  eventOf({
    pod: 'a',
    node: 'node-3',
    reason: 'Pulled',
    message: `Successfully pulled image "${app}" in 1s`,
    last,
  })

test('a pull that began four minutes ago and did not end is stuck', () => {
  expect(clusterOf({ pods: [creating], events: [pulling(4)] })).toMatchObject({
    pulling: 0,
    stuck: [
      {
        image: app,
        node: 'node-3',
        pod: { namespace: 'shop', name: 'a', container: 'main' },
        since: Date.parse(minutesAgo(4)),
      },
    ],
  })
})

test('one that began a minute ago is in progress', () => {
  expect(clusterOf({ pods: [creating], events: [pulling(1)] })).toMatchObject({ pulling: 1, stuck: [] })
})

test('one that ended is neither, though its container is still being created', () => {
  expect(clusterOf({ pods: [creating], events: [pulling(9), pulledAt(8)] })).toMatchObject({
    pulling: 0,
    stuck: [],
  })
})

test('a second pull after the first one counts', () => {
  expect(clusterOf({ pods: [creating], events: [pulledAt(8), pulling(5)] }).stuck).toHaveLength(1)
})

test('a pod that waits for its volume is not taken for one that pulls', () => {
  expect(clusterOf({ pods: [creating] })).toMatchObject({ pulling: 0, stuck: [] })
})

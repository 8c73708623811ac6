import { describe, expect, test } from 'vitest'
import { clusterOf } from '../../../support/cluster/cluster-facts.ts'
import {
  app,
  backOff,
  eventOf,
  failedPull,
  minutesAgo,
  podOf,
  resolveError,
} from '../../../support/cluster/objects.ts'

const timeout = (address = '203.0.113.7') => resolveError(`dial tcp ${address}:443: i/o timeout`)

describe('failed pulls by image and cause', () => {
  test('a status and the events of the same fault are one row, with the count of the events', () => {
    const { pulls } = clusterOf({
      pods: [podOf({ name: 'a', node: 'node-3', waiting: backOff(timeout()) })],
      events: [
        eventOf({ pod: 'a', node: 'node-3', message: failedPull(timeout()), count: 51, first: 450, last: 2 }),
      ],
    })
    expect(pulls).toHaveLength(1)
    expect(pulls[0]).toMatchObject({
      image: app,
      isFailing: true,
      failures: 51,
      failingNodes: 1,
      addresses: ['203.0.113.7:443'],
      since: Date.parse(minutesAgo(450)),
      nodes: [{ name: 'node-3', failures: 51, isFailing: true }],
    })
  })

  test('events of one failure are counted once: “Error: ErrImagePull” and “Error: ImagePullBackOff” are not', () => {
    const { pulls } = clusterOf({
      events: [
        eventOf({ message: failedPull(timeout()), count: 3 }),
        eventOf({ message: 'Error: ErrImagePull', count: 3 }),
        eventOf({ message: 'Error: ImagePullBackOff', count: 9 }),
      ],
    })
    expect(pulls.map(({ failures }) => failures)).toEqual([3])
  })

  test('other addresses of the same host are one cause, other statuses are not', () => {
    const { pulls } = clusterOf({
      events: [
        eventOf({ node: 'node-1', message: failedPull(timeout('203.0.113.7')) }),
        eventOf({ node: 'node-2', message: failedPull(timeout('203.0.113.8')) }),
        eventOf({ node: 'node-2', message: failedPull(resolveError('EOF')) }),
      ],
    })
    expect(pulls.map(({ error, nodeCount }) => [error.kind, nodeCount])).toEqual([
      ['connection-timeout', 2],
      ['connection-cut', 1],
    ])
    expect(pulls[0]?.addresses).toEqual(['203.0.113.7:443', '203.0.113.8:443'])
  })

  test('before Kubernetes 1.32 the reason is that of the last event of the image on the node', () => {
    const bare = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${app}"` }
    const { pulls } = clusterOf({
      pods: [podOf({ name: 'a', node: 'node-3', waiting: bare })],
      events: [
        eventOf({ pod: 'a', node: 'node-3', message: failedPull(resolveError('EOF')), last: 40 }),
        eventOf({ pod: 'a', node: 'node-3', message: failedPull(timeout()), last: 2 }),
      ],
    })
    expect(pulls.map(({ error, isFailing }) => [error.kind, isFailing])).toEqual([
      ['connection-timeout', true],
      ['connection-cut', false],
    ])
  })

  test('a pod that only backs off, without any event, has no known reason', () => {
    const bare = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${app}"` }
    const { pulls } = clusterOf({ pods: [podOf({ waiting: bare })] })
    expect(pulls).toMatchObject([{ error: { kind: 'unclassified' }, isFailing: true }])
  })

  test('init and ephemeral containers count as others do', () => {
    const { pulls } = clusterOf({
      pods: [
        podOf({ kind: 'init', waiting: backOff(timeout()) }),
        podOf({ kind: 'ephemeral', node: 'node-2', waiting: backOff(timeout()) }),
      ],
    })
    expect(pulls).toMatchObject([{ failingNodes: 2, kinds: ['init', 'ephemeral'] }])
  })

  test('a pod that is being deleted waits for nothing', () => {
    expect(clusterOf({ pods: [podOf({ waiting: backOff(timeout()), deleted: true })] }).pulls).toEqual([])
  })

  test('a pull that failed and that no pod waits for any more is told as over', () => {
    const { pulls } = clusterOf({
      pods: [podOf({ node: 'node-3' })],
      events: [eventOf({ node: 'node-3', message: failedPull(timeout()) })],
    })
    expect(pulls).toMatchObject([{ isFailing: false, failingNodes: 0, nodeCount: 1 }])
  })

  test('nodes that run the image from before are told from those that pulled it', () => {
    const { pulls } = clusterOf({
      pods: [
        podOf({ node: 'node-3', waiting: backOff(timeout()) }),
        podOf({ node: 'node-4' }),
        podOf({ node: 'node-5' }),
      ],
      events: [
        eventOf({
          node: 'node-5',
          reason: 'Pulled',
          message: `Successfully pulled image "${app}" in 1.2s (1.2s including waiting). Image size: 5 bytes.`,
        }),
        eventOf({
          node: 'node-4',
          reason: 'Pulled',
          message: `Container image "${app}" already present on machine`,
        }),
      ],
    })
    expect(pulls).toMatchObject([{ cachedOn: ['node-4'], pulledOn: ['node-5'] }])
  })

  test('the environment of a pod is not kept', () => {
    const fact = clusterOf({ pods: [podOf({ waiting: backOff(timeout()), pullSecrets: ['regcred'] })] })
    expect(JSON.stringify(fact)).not.toContain('env-s3cr3t')
    expect(fact.pulls[0]?.pullSecrets).toEqual(['regcred'])
  })

  test('a cluster with a different fault for each image is cut, and what is left out is counted', () => {
    const events = Array.from({ length: 700 }, (_, at) => {
      const image = `registry.example.com/team/app-${at}:1`
      return eventOf({ message: failedPull(resolveError('EOF', image), image) })
    })
    const { pulls, morePulls } = clusterOf({ events })
    expect([pulls.length, morePulls]).toEqual([500, 200])
  })
})

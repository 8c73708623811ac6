import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { startRegistry } from '../../../src/fake-registry/registry.ts'
import { rendered } from '../../outputs/rendered.ts'
import { create, deleteAll, namespace } from '../../support/cluster/api-objects.ts'
import {
  type ApiServer,
  adminToken,
  startApiServer,
  suiteWithApiServer,
} from '../../support/cluster/api-server.ts'
import { backOff, eventOf, failedPull, nodeOf, podOf, resolveError } from '../../support/cluster/objects.ts'
import { reportCluster } from '../../support/cluster/read-cluster.ts'
import { runCli } from '../../support/run-cli.ts'

/** The objects of the tests are of a fixed day; the clock of the server is that of today. */
const minutes = (ago: number) => new Date(Date.now() - ago * 60_000).toISOString()
/** Times of events.k8s.io have microseconds, and no others are taken. */
const micro = (ago: number) => minutes(ago).replace('Z', '000Z')

suiteWithApiServer(describe)('incidents, as a real API server has them', () => {
  let api: ApiServer
  beforeAll(async () => {
    api = await startApiServer()
    await namespace(api, 'shop')
  })
  afterAll(() => api?.stop())
  afterEach(() => deleteAll(api, ['pods', 'events', 'nodes']))

  const node = (at: number) => create(api, { apiVersion: 'v1', kind: 'Node', ...nodeOf(`node-${at}`) })
  const pod = (options: Parameters<typeof podOf>[0]) =>
    create(api, { apiVersion: 'v1', kind: 'Pod', ...podOf(options) })
  const config = () => api.kubeconfig({ token: adminToken })
  const read = async () => {
    const report = await reportCluster(config())
    return { exitCode: report.exitCode, ...(await rendered(report, 'plain')) }
  }

  test('B: the pulls of one node of seven time out at a public address, while six run from their cache', async () => {
    const timedOut = resolveError('dial tcp 203.0.113.7:443: i/o timeout')
    for (const at of [1, 2, 3, 4, 5, 6, 7]) await node(at)
    for (const at of [1, 2, 4, 5, 6, 7]) await pod({ name: `app-${at}`, node: `node-${at}` })
    await pod({ name: 'app-3', node: 'node-3', waiting: backOff(timedOut) })
    // Written as events.k8s.io, as controllers of today do; the list of core events has it as well.
    await api.must('/apis/events.k8s.io/v1/namespaces/shop/events', {
      method: 'POST',
      body: {
        ...{
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { name: 'app-3.17', namespace: 'shop' },
        },
        ...{ eventTime: micro(30), action: 'Pulling', reason: 'Failed', type: 'Warning' },
        ...{ reportingController: 'kubelet', reportingInstance: 'node-3', note: failedPull(timedOut) },
        regarding: { kind: 'Pod', namespace: 'shop', name: 'app-3', fieldPath: 'spec.containers{main}' },
        series: { count: 51, lastObservedTime: micro(1) },
      },
    })
    const { log: all, exitCode } = await read()
    expect(all).toMatch(
      /✗ registry\.example\.com\/team\/app:1\.2 · 1 of 7 nodes \(node-3\) · resolve, connect: connection timed out, registry\.example\.com at 203\.0\.113\.7:443 · 51 times since .* · node path/,
    )
    expect(all).toContain('pin its name to the internal address in /etc/hosts of every node')
    expect(all).toMatch(/Nodes that run it did not pull it in the last hour/)
    expect(exitCode).toBe(1)
  })

  test('A: an index whose images are gone is broken for all, whatever each node says', async () => {
    const registry = await startRegistry({})
    try {
      const { contents, images } = multiPlatform({ seed: 'real-cluster' })
      registry.store.push('team/app', contents, '1')
      registry.store.remove('team/app', images[0]?.manifest.digest ?? '')
      const image = `${registry.host}/team/app:1`
      const gone = `failed to pull and unpack image "${image}": failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${images[0]?.manifest.digest} (application/vnd.oci.image.manifest.v1+json) from remote: not found`
      await node(1)
      await pod({ image, name: 'app-1', node: 'node-1', waiting: backOff(gone, image) })
      const { all, exitCode } = await runCli(['cluster'], {
        env: { PLUGIN_KUBECONFIG: config(), PLUGIN_CHECKS: '' },
      })
      expect(all).toContain('image broken for all: orphaned-index')
      expect(all).toContain('Orphaned index')
      expect(exitCode).toBe(1)
    } finally {
      await registry.close()
    }
  })

  test('D: unrelated hosts that stall in one phase on the same nodes are their egress', async () => {
    const hosts = ['ghcr.io', 'quay.io', 'registry.k8s.io']
    for (const at of [1, 2, 3]) await node(at)
    for (const host of hosts)
      for (const at of [1, 2]) {
        const image = `${host}/team/app:1`
        const stalled = resolveError('net/http: TLS handshake timeout', image)
        await pod({ image, name: `${host}-${at}`, node: `node-${at}`, waiting: backOff(stalled, image) })
      }
    const { log: all, exitCode } = await read()
    expect(all).toContain('Egress of these nodes')
    expect(all).toContain(
      '3 hosts at one phase, tls: TLS handshake timed out (ghcr.io, quay.io, registry.k8s.io)',
    )
    expect(exitCode).toBe(1)
  })

  test('init containers and pulls without an end are seen', async () => {
    await node(1)
    await pod({
      name: 'init',
      kind: 'init',
      image: 'a.example/x:1',
      waiting: backOff('EOF', 'a.example/x:1'),
    })
    await pod({ name: 'creating', waiting: { reason: 'ContainerCreating' } })
    const { body } = await api.must('/api/v1/namespaces/shop/pods/creating')
    const began = eventOf({
      pod: 'creating',
      reason: 'Pulling',
      message: 'Pulling image "registry.example.com/team/app:1.2"',
    })
    const times = { firstTimestamp: minutes(20), lastTimestamp: minutes(20) }
    const involvedObject = { ...began.involvedObject, uid: body.metadata.uid }
    await create(api, { apiVersion: 'v1', kind: 'Event', ...began, ...times, involvedObject })
    const { log: all } = await read()
    expect(all).toContain('a.example/x:1')
    expect(all).toMatch(/on node-1 since .* \(20 min\), without an error/)
  })
})

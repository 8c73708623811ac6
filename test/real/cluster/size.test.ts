import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { create, namespace } from '../../support/cluster/api-objects.ts'
import {
  type ApiServer,
  adminToken,
  startApiServer,
  suiteWithApiServer,
} from '../../support/cluster/api-server.ts'
import { eventOf, failedPull, nodeOf, podOf, resolveError } from '../../support/cluster/objects.ts'
import { runCli } from '../../support/run-cli.ts'

const counts = { pods: 5000, events: 20_000 }
const atOnce = 64

suiteWithApiServer(describe)('a large cluster, at a real API server', () => {
  let api: ApiServer
  beforeAll(async () => {
    api = await startApiServer()
    await namespace(api, 'shop')
    for (const at of [1, 2, 3, 4, 5, 6, 7])
      await create(api, { apiVersion: 'v1', kind: 'Node', ...nodeOf(`node-${at}`) })
  })
  afterAll(() => api?.stop())

  const run = () =>
    runCli(['cluster'], {
      env: { PLUGIN_KUBECONFIG: api.kubeconfig({ token: adminToken }), PLUGIN_CHECKS: '' },
      timeoutMs: 120_000,
    })

  test('5,000 pods and 20,000 events are read in pages, in memory that hardly grows', {
    timeout: 600_000,
  }, async () => {
    const small = await run()
    await fill(counts.pods, (at) => [
      'pods',
      podOf({
        name: `p-${at}`,
        node: `node-${(at % 7) + 1}`,
        image: `registry.example.com/team/app-${at % 300}:1`,
      }),
    ])
    await fill(counts.events, (at) => {
      const tail = `read tcp 10.0.1.5:${at}->203.0.113.7:443: read: connection reset by peer`
      const pod = `p-${at % counts.pods}`
      const event = eventOf({ pod, node: `node-${(at % 7) + 1}`, message: failedPull(resolveError(tail)) })
      return ['events', { ...event, metadata: { ...event.metadata, name: `e-${at}` } }]
    })
    const large = await run()
    expect(large.exitCode).toBe(0)
    expect(large.all).toContain(`${counts.pods} pods`)
    expect(large.all).toContain(`${counts.events} times`)
    expect((large.peakRssKb ?? 0) - (small.peakRssKb ?? 0)).toBeLessThan(120_000)
    // What it computes, which the load of the machine does not change.
    expect(large.cpuSeconds ?? 0).toBeLessThan(10)
  })

  async function fill(
    count: number,
    objectAt: (at: number) => [plural: string, body: object],
  ): Promise<void> {
    let next = 0
    const writer = async () => {
      for (let at = next++; at < count; at = next++) {
        const [plural, body] = objectAt(at)
        await api.must(`/api/v1/namespaces/shop/${plural}`, { method: 'POST', body })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, writer))
  }
})

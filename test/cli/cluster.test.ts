import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import { type FakeCluster, startFakeApi } from '../support/cluster/fake-api.ts'
import { backOff, eventOf, failedPull, nodeOf, podOf, resolveError } from '../support/cluster/objects.ts'
import { runCli } from '../support/run-cli.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regguard-cluster-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let close = async () => {}
afterEach(() => close())

const token = 'tok-en-s3cr3t-0123'

async function run(cluster: FakeCluster, args: string[] = [], access: { 'proxy-url'?: string } = {}) {
  const server = await startFakeApi({ token, ...cluster })
  close = server.close
  const kubeconfig = stringify({
    'current-context': 'prod',
    clusters: [{ name: 'c', cluster: { server: server.url, ...access } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
  })
  const env = { PLUGIN_KUBECONFIG: kubeconfig, PLUGIN_CHECKS: '' }
  return { ...(await runCli(['cluster', '--debug', ...args], { env })), requests: server.requests }
}

const nodes = [1, 2, 3, 4, 5, 6, 7].map((at) => nodeOf(`node-${at}`))
const waiting = podOf({
  name: 'a',
  node: 'node-3',
  waiting: {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "registry.example.com/team/app:1.2"',
  },
})
const events = [
  eventOf({
    pod: 'a',
    node: 'node-3',
    message: failedPull(resolveError('dial tcp 10.255.0.7:443: i/o timeout')),
    count: 51,
  }),
]

test('a cluster whose pull fails ends with 1, without the token in its log', async () => {
  const { exitCode, all } = await run({
    lists: { '/api/v1/nodes': nodes, '/api/v1/pods': [waiting], '/api/v1/events': events },
  })
  expect(all).toContain(
    '1 of 7 nodes (node-3) · resolve, connect: connection timed out, registry.example.com at 10.255.0.7:443 · 51 times',
  )
  expect(exitCode).toBe(1)
  expect(all).not.toContain(token)
})

test('an API server is reached through the proxy of its kubeconfig', async () => {
  const forwarded: string[] = []
  const proxy = createServer((incoming, response) => {
    forwarded.push(incoming.url ?? '')
    request(incoming.url ?? '', { headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    }).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  try {
    const lists = { '/api/v1/nodes': nodes, '/api/v1/pods': [waiting], '/api/v1/events': events }
    const { exitCode, all, requests } = await run({ lists }, [], { 'proxy-url': `http://127.0.0.1:${port}` })
    expect(all).toContain('1 of 7 nodes (node-3)')
    expect(exitCode).toBe(1)
    expect(forwarded.map((url) => new URL(url).pathname)).toContain('/version')
    expect(forwarded).toHaveLength(requests.length)
  } finally {
    proxy.close()
  }
})

test('wait ends as soon as the pulls settle', async () => {
  let lists = 0
  const cluster: FakeCluster = {
    lists: { '/api/v1/nodes': nodes, '/api/v1/pods': [waiting], '/api/v1/events': [] },
  }
  cluster.instead = (request) => {
    if (!request.url?.startsWith('/api/v1/pods')) return false
    lists += 1
    if (lists === 2) cluster.lists['/api/v1/pods'] = [podOf({ name: 'a', node: 'node-3' })]
    return false
  }
  const { exitCode, all } = await run(cluster, ['--wait', '5m'])
  expect([exitCode, lists]).toEqual([0, 2])
  expect(all).toContain('waited ')
})

test('5,000 pods and 20,000 events are read in pages, in memory that hardly grows', async () => {
  const many = (pods: number, failures: number): FakeCluster => ({
    lists: {
      '/api/v1/nodes': nodes,
      '/api/v1/pods': Array.from({ length: pods }, (_, at) =>
        podOf({
          name: `p-${at}`,
          node: `node-${(at % 7) + 1}`,
          image: `registry.example.com/team/app-${at % 300}:1`,
        }),
      ),
      '/api/v1/events': Array.from({ length: failures }, (_, at) =>
        eventOf({
          pod: `p-${at % pods}`,
          node: `node-${(at % 7) + 1}`,
          message: failedPull(
            resolveError(`read tcp 10.0.1.5:${at}->203.0.113.7:443: read: connection reset by peer`),
          ),
        }),
      ),
    },
  })
  const small = await run(many(50, 50))
  await close()
  const large = await run(many(5000, 20_000))
  expect(large.exitCode).toBe(0)
  expect(large.all).toContain('5000 pods')
  expect(large.all).toContain('20000 times')
  expect((large.peakRssKb ?? 0) - (small.peakRssKb ?? 0)).toBeLessThan(120_000)
  expect(large.requests.filter((url) => url.startsWith('/api/v1/pods'))).toHaveLength(10)
})

test('the report and the metrics are written, and a report can be shown again', async () => {
  const [report, metrics] = [join(folder, 'report.json'), join(folder, 'cluster.prom')]
  const lists = { '/api/v1/nodes': nodes, '/api/v1/pods': [waiting], '/api/v1/events': events }
  const first = await run({ lists }, ['--report_json', report, '--report_prometheus', metrics])
  expect(await readFile(metrics, 'utf8')).toContain('regguard_cluster_accessible{cluster="prod"} 1')
  expect(await readFile(report, 'utf8')).not.toContain(token)
  const again = await runCli(['replay', report], { env: { PLUGIN_CHECKS: '' } })
  expect(again.exitCode).toBe(first.exitCode)
  expect(again.all).toContain('1 of 7 nodes (node-3)')
})

test('the image that pods wait for is verified in its registry: an orphaned index is broken for all', async () => {
  const registry = await startRegistry({})
  try {
    const { contents, images } = multiPlatform({ seed: 'cluster' })
    registry.store.push('team/app', contents, '1')
    registry.store.push('team/whole', multiPlatform({ seed: 'whole' }).contents, '1')
    registry.store.remove('team/app', images[0]?.manifest.digest ?? '')
    const podWith = (image: string) =>
      podOf({
        image,
        node: 'node-3',
        waiting: backOff(resolveError('dial tcp 203.0.113.7:443: i/o timeout', image), image),
      })
    const pods = ['app', 'whole'].map((name) => podWith(`${registry.host}/team/${name}:1`))
    const { all, exitCode } = await run({
      lists: { '/api/v1/nodes': nodes, '/api/v1/pods': pods, '/api/v1/events': [] },
    })
    expect(all).toMatch(/team\/app:1 · .* · image broken for all: orphaned-index/)
    expect(all).toMatch(/team\/whole:1 · .* · node path, whole from here/)
    expect(all).toContain('Orphaned index')
    expect(exitCode).toBe(1)
  } finally {
    await registry.close()
  }
})

test('mirrors are asked for the images that pods run, for the platforms of the nodes', async () => {
  const [upstream, mirror] = [await startRegistry({}), await startRegistry({})]
  try {
    const { contents, images } = multiPlatform({ seed: 'mirrored' })
    for (const name of ['app', 'web', 'absent']) upstream.store.push(`team/${name}`, contents, '1')
    for (const name of ['app', 'web']) mirror.store.push(`hub/team/${name}`, contents, '1')
    const arm = images.find(({ platform }) => platform?.architecture === 'arm64')
    if (!arm) throw new Error('the fixture has no image for arm64')
    mirror.store.remove('hub/team/app', arm.manifest.digest)
    const pods = ['app', 'web', 'absent'].map((name) => podOf({ image: `${upstream.host}/team/${name}:1` }))
    const prom = join(folder, 'mirrors.prom')
    const args = ['--mirror_coverage', `${upstream.host}=${mirror.host}/hub`, '--mirror_kind', 'copy']
    const { all, exitCode } = await run(
      { lists: { '/api/v1/nodes': nodes, '/api/v1/pods': pods, '/api/v1/events': [] } },
      [...args, '--report_prometheus', prom],
    )
    expect(all).toContain(
      `mirror    ${upstream.host} from ${mirror.host}/hub (a copy) · 3 images: 2 whole, 1 not there`,
    )
    expect(all).toContain(`crane copy ${upstream.host}/team/absent:1 ${mirror.host}/hub/team/absent:1`)
    expect(exitCode).toBe(0)
    expect(await readFile(prom, 'utf8')).toContain(
      `regguard_cluster_mirror_images{cluster="prod",registry="${upstream.host}",mirror="${mirror.host}/hub",state="whole"} 2\n`,
    )
  } finally {
    await upstream.close()
    await mirror.close()
  }
})

test('a mistake in the kubeconfig ends with 3 and its sentence', async () => {
  const { exitCode, all } = await runCli(['cluster', '--kubeconfig', join(folder, 'none')], {
    env: { PLUGIN_CHECKS: '' },
  })
  expect(all).toContain(`${join(folder, 'none')} does not exist`)
  expect(exitCode).toBe(3)
})

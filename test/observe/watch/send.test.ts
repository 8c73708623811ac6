import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { WatchAccess } from '../../../src/observe/watch/client.ts'
import { listen } from '../../../src/observe/watch/listen.ts'
import { pushMetrics, removeOldGroups, sendHeartbeat } from '../../../src/observe/watch/send.ts'
import { readSettings } from '../../../src/settings/read.ts'

const access: WatchAccess = {
  ...{
    settings: readSettings({}).value,
    logins: [],
    version: '0.0.0-test',
    authorities: [],
    authSources: [],
  },
  ...{ certsRoot: '/nowhere/certs.d', env: {}, keepSecret: () => {}, forgetSecret: () => {}, now: Date.now },
}

let server: Server | undefined
afterEach(() => void server?.close())

/** A server that answers with this status, and what it was sent. */
async function answering(status: number, text = '') {
  const sent: { request: IncomingMessage; body: string }[] = []
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    sent.push({ request, body: Buffer.concat(chunks).toString('utf8') })
    response.writeHead(status)
    response.end(text)
  })
  const opened = await listen(server, { host: '127.0.0.1', port: 0 })
  if (!opened.ok) throw new Error(opened.why)
  return { sent, url: (path: string, login = '') => new URL(`http://${login}${opened.address}${path}`) }
}

test('metrics replace their whole group', async () => {
  const { sent, url } = await answering(202)
  const group = { gateway: url('/push/', 'user:pa%20ss@'), job: 'regguard', registry: 'r.example.com:5000' }
  expect(await pushMetrics(access, group, 'x 1\n')).toBeUndefined()
  expect(
    sent.map(({ request: { method, url: path, headers }, body }) => [
      method,
      path,
      headers.authorization,
      body,
    ]),
  ).toEqual([
    [
      'PUT',
      '/push/metrics/job/regguard/instance/r.example.com:5000',
      `Basic ${Buffer.from('user:pa ss').toString('base64')}`,
      'x 1\n',
    ],
  ])
})

test('values that do not fit into a path are sent in base64, and each shard has a group of its own', async () => {
  const { sent, url } = await answering(200)
  await pushMetrics(access, { gateway: url(''), job: 'a/b', registry: '[::1]:5000', shard: 3 }, '')
  expect(sent[0]?.request.url).toBe('/metrics/job@base64/YS9i/instance@base64/Wzo6MV06NTAwMA/shard/3')
})

test('a refusal is told with its first line, and no login', async () => {
  const { url } = await answering(400, 'pushed metrics are inconsistent\nand more')
  const group = { gateway: url('/', 'user:secret@'), job: 'regguard', registry: 'r' }
  const why = await pushMetrics(access, group, 'x 1\n')
  expect(why).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/metrics\/job\/regguard\/instance\/r answered 400: pushed metrics are inconsistent$/,
  )
})

test('a login that cannot be decoded is told, and ends nothing', async () => {
  const { sent, url } = await answering(202)
  const group = { gateway: url('/', 'ci:pa%ss@'), job: 'regguard', registry: 'r' }
  expect(await pushMetrics(access, group, 'x 1\n')).toBe('URI malformed')
  expect(sent).toEqual([])
})

test('a gateway that is down is told as such', async () => {
  const group = { gateway: new URL('http://127.0.0.1:1'), job: 'regguard', registry: 'r' }
  expect(await pushMetrics(access, group, 'x 1\n')).toMatch(/refused/)
})

test('the URL of a heartbeat is a secret, of which only the host is told', async () => {
  const { sent, url } = await answering(404, 'no such check')
  const why = await sendHeartbeat(access, url('/ping/5f1c-uuid?rid=1'))
  expect(sent.map(({ request: { method, url: path } }) => [method, path])).toEqual([
    ['GET', '/ping/5f1c-uuid?rid=1'],
  ])
  expect(why).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ answered 404: no such check$/)
})

describe('the groups of parts that nobody writes to any more', () => {
  const group = (labels: Record<string, string>) => ({ labels, push_time_seconds: {} })
  const ours = { job: 'regguard', instance: 'r' }
  const data = [
    group(ours),
    ...['0', '1', '2'].map((shard) => group({ ...ours, shard })),
    group({ ...ours, instance: 'other', shard: '9' }),
    group({ ...ours, job: 'mine', shard: '9' }),
    group({ ...ours, shard: '9', more: 'x' }),
  ]

  test.each([
    [2, ['all', 'shard 2'], ['/metrics/job/regguard/instance/r', '/metrics/job/regguard/instance/r/shard/2']],
    [
      1,
      ['shard 0', 'shard 1', 'shard 2'],
      [0, 1, 2].map((at) => `/metrics/job/regguard/instance/r/shard/${at}`),
    ],
    [4, ['all'], ['/metrics/job/regguard/instance/r']],
  ])('are removed where there are %i parts', async (shards, removed, paths) => {
    const { sent, url } = await answering(200, JSON.stringify({ status: 'success', data }))
    const at = { gateway: url('/push'), job: 'regguard', registry: 'r' }
    expect(await removeOldGroups(access, at, shards)).toEqual({ removed })
    expect(sent.map(({ request: { method, url: path } }) => `${method} ${path}`)).toEqual([
      'GET /push/api/v1/metrics',
      ...paths.map((path) => `DELETE /push${path}`),
    ])
  })

  test.each([
    [404, 'no such page', /answered 404: no such page/],
    [200, 'hello', /cannot be read/],
  ])('stay where the list cannot be read: %i %s', async (status, text, why) => {
    const { sent, url } = await answering(status, text)
    const at = { gateway: url('/'), job: 'regguard', registry: 'r' }
    expect(await removeOldGroups(access, at, 2)).toEqual({ removed: [], why: expect.stringMatching(why) })
    expect(sent).toHaveLength(1)
  })
})

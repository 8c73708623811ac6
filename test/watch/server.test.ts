import type { Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { emptyState } from '../../src/facts/watch/state.ts'
import { listen } from '../../src/observe/watch/listen.ts'
import { registryReport, type WatchReport } from '../../src/report/watch.ts'
import type { NamedRepository } from '../../src/watch/events.ts'
import { createWatchServer, type ServerOptions } from '../../src/watch/server.ts'

const report: WatchReport = {
  ...{ version: 1, tool: { name: 'regguard', version: '1.2.3' } },
  classes: [{ id: 'layer-missing', severity: 'error' }],
  registries: [
    registryReport(emptyState('r.example.com'), { accepted: [], reproveMs: 1, now: 0, docsUrl: undefined }),
  ],
}

let server: Server | undefined
afterEach(() => void server?.close())

async function started(given: Partial<ServerOptions> = {}) {
  const events: NamedRepository[][] = []
  server = createWatchServer({
    ...{ report: () => report, isReady: () => true, metricsToken: undefined, eventsToken: undefined },
    onEvents: (named) => void events.push(named),
    ...given,
  })
  const opened = await listen(server, { host: '127.0.0.1', port: 0 })
  if (!opened.ok) throw new Error(opened.why)
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://${opened.address}${path}`, { redirect: 'manual', ...init })
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get('content-type'),
    }
  }
  return { get, events, address: opened.address }
}

describe('metrics', () => {
  test('are plain text, unless OpenMetrics is asked for', async () => {
    const { get } = await started()
    const plain = await get('/metrics')
    expect([plain.status, plain.type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(plain.text).toContain('regguard_build_info{version="1.2.3"} 1\n')
    expect(plain.text).not.toContain('# EOF')
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4'
    const open = await get('/metrics', { headers: { accept } })
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(open.text.endsWith('\n# EOF\n')).toBe(true)
    expect(
      (await get('/metrics', { headers: { accept: 'application/openmetrics-text;q=0,*/*' } })).type,
    ).toBe(plain.type)
  })

  test('and findings need the token where there is one; health does not', async () => {
    let token: string | undefined = 'abc'
    const { get } = await started({ metricsToken: () => token })
    const status = async (path: string, authorization?: string) =>
      (await get(path, authorization === undefined ? {} : { headers: { authorization } })).status
    for (const path of ['/metrics', '/findings']) {
      expect([await status(path), await status(path, 'Bearer abd'), await status(path, 'Bearer ')]).toEqual([
        401, 401, 401,
      ])
      expect([await status(path, 'Bearer abc'), await status(path, 'bearer abc')]).toEqual([200, 200])
    }
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200])
    // Replaced while it runs; a file that is gone lets nobody in.
    token = 'new'
    expect([await status('/metrics', 'Bearer abc'), await status('/metrics', 'Bearer new')]).toEqual([
      401, 200,
    ])
    token = undefined
    expect([await status('/metrics'), await status('/metrics', 'Bearer ')]).toEqual([401, 401])
  })
})

test('health is always good, readiness once a run has ended', async () => {
  let ready = false
  const { get } = await started({ isReady: () => ready })
  const statuses = async () =>
    Promise.all(
      ['/healthz', '/-/healthy', '/readyz', '/-/ready'].map(async (path) => (await get(path)).status),
    )
  expect(await statuses()).toEqual([200, 200, 503, 503])
  ready = true
  expect(await statuses()).toEqual([200, 200, 200, 200])
})

test('findings are JSON', async () => {
  const { get } = await started()
  const { type, text } = await get('/findings?x=1')
  expect(type).toBe('application/json')
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    registries: [{ registry: 'r.example.com', status: 'waiting', faults: [] }],
  })
  expect(text).not.toContain('counters')
})

test('nothing else is served', async () => {
  const { get } = await started()
  for (const path of ['/index.html', '/debug', '/events', '/metrics/x', '/__proto__', '/constructor'])
    expect((await get(path)).status, path).toBe(404)
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
})

describe('notifications', () => {
  const headers = { authorization: 'Bearer secret' }
  const post = (body: string, more: Record<string, string> = headers) => ({
    method: 'POST',
    body,
    headers: more,
  })
  const event = (action: string, repository: string) => ({
    action,
    target: { repository, digest: 'sha256:x' },
    request: { host: 'r.example.com' },
  })

  test('of distribution and Harbor name repositories that were pushed to or deleted from', async () => {
    const { get, events } = await started({ eventsToken: () => 'secret' })
    const sent = {
      events: [event('push', 'a/b'), event('pull', 'c'), event('delete', 'd'), event('mount', 'e')],
    }
    expect((await get('/events', post(JSON.stringify(sent)))).status).toBe(202)
    const harbor = {
      type: 'PUSH_ARTIFACT',
      event_data: { repository: { repo_full_name: 'library/x' }, resources: [] },
    }
    expect((await get('/events', post(JSON.stringify(harbor), { authorization: 'secret' }))).status).toBe(202)
    expect((await get('/events', post(JSON.stringify({ ...harbor, type: 'PULL_ARTIFACT' })))).status).toBe(
      202,
    )
    expect(events).toEqual([
      [
        { repository: 'a/b', registry: 'r.example.com' },
        { repository: 'd', registry: 'r.example.com' },
      ],
      [{ repository: 'library/x' }],
      [],
    ])
  })

  test('name nothing that is no name of a repository', async () => {
    const { get, events } = await started({ eventsToken: () => 'secret' })
    const odd = [
      '../../api/users',
      'a/../b',
      '/a',
      'a//b',
      'A/b',
      'a?x=1',
      'a#x',
      'a%2f..',
      '',
      'a\n',
      '_catalog',
    ]
    const sent = { events: [...odd, 'a/b'].map((name) => event('push', name)) }
    expect((await get('/events', post(JSON.stringify(sent)))).status).toBe(202)
    const harbor = { type: 'PUSH_ARTIFACT', event_data: { repository: { repo_full_name: '../x' } } }
    expect((await get('/events', post(JSON.stringify(harbor)))).status).toBe(202)
    expect(events).toEqual([[{ repository: 'a/b', registry: 'r.example.com' }], []])
  })

  test.each([
    ['without the token', post('{"events":[]}', {}), 401],
    ['with another token', post('{"events":[]}', { authorization: 'Bearer x' }), 401],
    ['by GET', { headers }, 405],
    ['that are no JSON', post('{'), 400],
    ['that are something else', post('{"events":[{"action":1}]}'), 400],
    ['that are too large', post('x'.repeat(1_100_000)), 413],
  ])('%s are refused', async (_name, init, status) => {
    const { get, events } = await started({ eventsToken: () => 'secret' })
    expect((await get('/events', init)).status).toBe(status)
    expect(events).toEqual([])
  })
})

test('an address that is taken is an error with its reason', async () => {
  const { address } = await started()
  const [host = '', port = ''] = address.split(':')
  const second = createWatchServer({
    ...{ report: () => report, isReady: () => true, metricsToken: undefined, eventsToken: undefined },
    onEvents: () => {},
  })
  expect(await listen(second, { host, port: Number(port) })).toEqual({
    ok: false,
    why: expect.stringContaining('EADDRINUSE'),
  })
})

describe('the page', () => {
  test('shows the registries, and may be neither kept nor framed', async () => {
    const { get, address } = await started()
    const page = await get('/')
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.text).toContain('r.example.com')
    const { headers } = await fetch(`http://${address}/?x=1`)
    expect([headers.get('cache-control'), headers.get('x-frame-options')]).toEqual(['no-store', 'DENY'])
  })

  test('needs the token where there is one, which a browser may send as a password', async () => {
    const { get, address } = await started({ metricsToken: () => 'a:b' })
    const status = async (authorization: string) => (await get('/', { headers: { authorization } })).status
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
    expect(await status('Bearer a:b')).toBe(200)
    expect(await status(basic('anyone:a:b'))).toBe(200)
    expect(await status(basic('a:b'))).toBe(401)
    expect(await status(basic('anyone:'))).toBe(401)
    expect(await status('Basic ??')).toBe(401)
    const refused = await fetch(`http://${address}/`)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="regguard"'])
  })
})

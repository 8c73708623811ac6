import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers } from '../kit.ts'
import { challenging, login, pushApp, tokenRequests, users } from './people.ts'

const start = useRegistries()
const serve = useServers()

/** Verifies an image of a registry whose tokens come from a server with this listener. */
async function verifyWith(listener: RequestListener, settings: Record<string, string> = login) {
  const server = await serve(createServer(listener))
  const realm = `http://${server.host}/token?keep=1`
  const registry = await start({ auth: { kind: 'bearer', users, realm } })
  return { report: await verifyImages([pushApp(registry)], { settings }), server, registry }
}

const answer =
  (status: number, body: string, type = 'application/json'): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  }

describe('a token server', () => {
  test('gets service, scope, user and password, and the query of its realm', async () => {
    const received: { url: URL; authorization: string | undefined; method: string | undefined }[] = []
    await verifyWith((request, response) => {
      const { authorization } = request.headers
      received.push({ url: new URL(request.url ?? '', 'http://x'), authorization, method: request.method })
      response.end('{}')
    })
    const [first] = received
    expect(Object.fromEntries(first?.url.searchParams ?? [])).toEqual({
      keep: '1',
      service: 'embedded-registry',
      scope: 'repository:app:pull',
      account: 'ann',
    })
    expect(first?.authorization).toBe(`Basic ${Buffer.from(`ann:${users.ann}`).toString('base64')}`)
    expect(first?.method).toBe('GET')
  })

  test('gets no Authorization header without credentials', async () => {
    const received: (string | undefined)[] = []
    await verifyWith((request, response) => {
      received.push(request.headers.authorization)
      response.end('{}')
    }, {})
    expect(received).toEqual([undefined])
  })

  test.each([
    ['an object without a token', '{"expires_in":60}', 'application/json'],
    ['an empty token', '{"token":""}', 'application/json'],
    ['a token of two lines', '{"token":"abc\\r\\nx-evil: 1"}', 'application/json'],
    ['a token with a blank', '{"token":"abc def"}', 'application/json'],
    ['a token with a character that headers cannot contain', '{"token":"ab\u010d"}', 'application/json'],
    ['a token of more than 32 KiB', `{"token":"${'x'.repeat(32_769)}"}`, 'application/json'],
    ['a token that is not a string', '{"token":7}', 'application/json'],
    ['null', 'null', 'application/json'],
    ['half an object', '{"token":"abc', 'application/json'],
    ['nothing', '', 'application/json'],
    ['a login page', '<html><title>Sign in</title></html>', 'text/html'],
    ['more than 64 KiB', `{"token":"${'x'.repeat(70_000)}"}`, 'application/json'],
  ])('that answers %s is token-response-invalid', async (_, body, type) => {
    const { report } = await verifyWith(answer(200, body, type))
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-response-invalid']])
  })

  test('may name its token access_token', async () => {
    const registry = await start()
    const server = await serve(createServer(answer(200, '{"access_token":"abc"}')))
    registry.faults.add(
      { path: /\/v2\/app\//, when: ({ headers }) => headers.authorization !== 'Bearer abc' },
      challenging(`Bearer realm="http://${server.host}/token",service="s"`),
    )
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(server.connections()).toBe(1)
  })

  test.each([401, 403])('that answers %i is bad-credentials', async (status) => {
    const { report } = await verifyWith(answer(status, '{"details":"incorrect username or password"}'))
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(JSON.stringify(report.causes)).toContain('incorrect username or password')
  })

  test('that answers 404 is token-response-invalid', async () => {
    const { report } = await verifyWith(answer(404, 'not here', 'text/plain'))
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-response-invalid']])
  })

  test('that answers 500 is token-server-unreachable after one retry', async () => {
    let received = 0
    const { report } = await verifyWith((request, response) => {
      received += 1
      answer(500, 'boom', 'text/plain')(request, response)
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-server-unreachable']])
    expect(received).toBe(2)
  })

  test.each([
    [429, { 'retry-after': '0' }],
    [503, { 'retry-after': '0' }],
    [502, {}],
  ])('that answers %i three times is retried', async (status, headers) => {
    let received = 0
    const { report } = await verifyWith((_, response) => {
      received += 1
      response.writeHead(received < 4 ? status : 401, headers)
      response.end('{"details":"now"}')
    })
    expect([report.exitCode, causeIds(report), received]).toEqual([3, ['bad-credentials'], 4])
  })

  test('that answers 429 every time is rate-limited, with the time to wait', async () => {
    const { report } = await verifyWith((_, response) => {
      response.writeHead(429, { 'retry-after': '3600' })
      response.end('{"details":"too many"}')
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['rate-limited']])
    expect(JSON.stringify(report.causes)).toContain('HTTP 429 from the token server, retry after 3600 s')
  })

  test('on a host where nothing listens is token-server-unreachable, with the registry that names it', async () => {
    const gone = await serve(createTcp())
    await gone.close()
    const registry = await start({ auth: { kind: 'bearer', users, realm: `http://${gone.host}/token` } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-server-unreachable']])
    expect(JSON.stringify(report.causes)).toContain(`${registry.host} names ${gone.host} as its token server`)
  })

  test('may be a path of the registry', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, realm: '/token' } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(tokenRequests(registry)).toBe(1)
  })

  test('that issues tokens which the registry rejects is access-denied', async () => {
    let received = 0
    const { report } = await verifyWith((_, response) => {
      received += 1
      response.end(JSON.stringify({ token: `worthless-${received}` }))
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
    expect(received).toBeLessThanOrEqual(3)
    expect(JSON.stringify(report)).not.toContain('worthless')
  })
})

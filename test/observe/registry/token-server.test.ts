import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers } from '../kit.ts'
import { challenging, login, pushApp, tokenRequests, users } from './people.ts'

const start = useRegistries()
const serve = useServers()

/** A registry whose tokens come from another server, and the report of a run against it. */
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
  test('is asked with what the challenge said, the user and a password, and its own query is kept', async () => {
    const asked: { url: URL; authorization: string | undefined; method: string | undefined }[] = []
    await verifyWith((request, response) => {
      const { authorization } = request.headers
      asked.push({ url: new URL(request.url ?? '', 'http://x'), authorization, method: request.method })
      response.end('{}')
    })
    const [first] = asked
    expect(Object.fromEntries(first?.url.searchParams ?? [])).toEqual({
      keep: '1',
      service: 'embedded-registry',
      scope: 'repository:app:pull',
      account: 'ann',
    })
    expect(first?.authorization).toBe(`Basic ${Buffer.from(`ann:${users.ann}`).toString('base64')}`)
    expect(first?.method).toBe('GET')
  })

  test('gets no password where there is none', async () => {
    const asked: (string | undefined)[] = []
    await verifyWith((request, response) => {
      asked.push(request.headers.authorization)
      response.end('{}')
    }, {})
    expect(asked).toEqual([undefined])
  })

  test.each([
    ['an object without a token', '{"expires_in":60}', 'application/json'],
    ['an empty token', '{"token":""}', 'application/json'],
    ['a token of two lines', '{"token":"abc\\r\\nx-evil: 1"}', 'application/json'],
    ['a token with a blank', '{"token":"abc def"}', 'application/json'],
    ['a token with a letter that no header may hold', '{"token":"ab\u010d"}', 'application/json'],
    ['a token of more than 32 KiB', `{"token":"${'x'.repeat(32_769)}"}`, 'application/json'],
    ['a token that is no text', '{"token":7}', 'application/json'],
    ['null', 'null', 'application/json'],
    ['half an object', '{"token":"abc', 'application/json'],
    ['nothing', '', 'application/json'],
    ['a login page', '<html><title>Sign in</title></html>', 'text/html'],
    ['more than 64 KiB', `{"token":"${'x'.repeat(70_000)}"}`, 'application/json'],
  ])('that answers %s gives no valid answer', async (_, body, type) => {
    const { report } = await verifyWith(answer(200, body, type))
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-response-invalid']])
  })

  test('that calls its token access_token is as good', async () => {
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

  test.each([401, 403])('that answers %i refuses the login', async (status) => {
    const { report } = await verifyWith(answer(status, '{"details":"incorrect username or password"}'))
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(JSON.stringify(report.causes)).toContain('incorrect username or password')
  })

  test('that answers 404 gives no valid answer', async () => {
    const { report } = await verifyWith(answer(404, 'not here', 'text/plain'))
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-response-invalid']])
  })

  test('that answers 500 counts as one that cannot be reached, and is asked once more', async () => {
    let asked = 0
    const { report } = await verifyWith((request, response) => {
      asked += 1
      answer(500, 'boom', 'text/plain')(request, response)
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-server-unreachable']])
    expect(asked).toBe(2)
  })

  test.each([
    [429, { 'retry-after': '0' }],
    [503, { 'retry-after': '0' }],
    [502, {}],
  ])('that answers %i for a moment is asked again', async (status, headers) => {
    let asked = 0
    const { report } = await verifyWith((_, response) => {
      asked += 1
      response.writeHead(asked < 4 ? status : 401, headers)
      response.end('{"details":"now"}')
    })
    expect([report.exitCode, causeIds(report), asked]).toEqual([3, ['bad-credentials'], 4])
  })

  test('that answers 429 to the end limits requests, and says when it will not any more', async () => {
    const { report } = await verifyWith((_, response) => {
      response.writeHead(429, { 'retry-after': '3600' })
      response.end('{"details":"too many"}')
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['rate-limited']])
    expect(JSON.stringify(report.causes)).toContain('asks to wait 3600 s')
  })

  test('on a host where nothing listens cannot be reached, and the registry is not blamed for it', async () => {
    const gone = await serve(createTcp())
    await gone.close()
    const registry = await start({ auth: { kind: 'bearer', users, realm: `http://${gone.host}/token` } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-server-unreachable']])
    expect(JSON.stringify(report.causes)).toContain(
      `${registry.host} sends clients to ${gone.host} for a token`,
    )
  })

  test('may be named by a path of the registry', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, realm: '/token' } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(tokenRequests(registry)).toBe(1)
  })

  test('that hands out worthless tokens is told as no access, not as a fault of the image', async () => {
    let asked = 0
    const { report } = await verifyWith((_, response) => {
      asked += 1
      response.end(JSON.stringify({ token: `worthless-${asked}` }))
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
    expect(asked).toBeLessThanOrEqual(3)
    expect(JSON.stringify(report)).not.toContain('worthless')
  })
})

import { createServer, type Server } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { contentsOf } from '../../src/fake-registry/images/images.ts'
import type { Fault, Match } from '../../src/fake-registry/registry.ts'
import { readBody } from '../../src/observe/http/body.ts'
import { get, useRegistries, useServers, useWires, whyOf } from '../observe/kit.ts'
import { login, pushSmall, users } from '../observe/registry/people.ts'
import { outcomeOf, tameRuns } from './tame.ts'

const start = useRegistries()
const serve = useServers()
const clientOf = useWires()
const asAnn = { PLUGIN_USERNAME: login.username, PLUGIN_PASSWORD: login.password }

describe('a registry whose answers never end', () => {
  const config = /\/blobs\//
  test.each<[string, Match, Fault[], [number, string[]]]>([
    ['to a manifest', { path: /\/manifests\// }, [{ endless: true }], [1, ['manifest-too-large']]],
    ['to a blob', { path: config }, [{ ignoreRange: true }, { endless: true }], [1, ['size-mismatch']]],
    ['with 403', { path: config }, [{ status: 403 }, { endless: true }], [3, ['denied-or-missing']]],
    [
      'with 404 to a tag',
      { path: /\/manifests\// },
      [{ status: 404 }, { endless: true }],
      [3, ['not-a-registry']],
    ],
    ['with 500', { path: /\/manifests\// }, [{ status: 500 }, { endless: true }], [3, ['registry-error']]],
    [
      'with a redirect',
      { path: config },
      [{ redirect: ({ path }) => path }, { endless: true }],
      [3, ['redirect-loop']],
    ],
  ])('%s is given up soon, with one finding', async (_, match, faults, outcome) => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add(match, ...faults)
    expect(outcomeOf(await tameRuns([reference]))).toEqual(outcome)
  })

  test('to the list of tags still has a missing tag told', async () => {
    const registry = await start()
    pushSmall(registry)
    registry.faults.add({ path: /\/tags\/list/ }, { endless: true })
    expect(outcomeOf(await tameRuns([`${registry.host}/app:none`]))).toEqual([1, ['tag-missing']])
  })

  test('to the catalog has no catalog', async () => {
    const registry = await start()
    registry.faults.add({ path: /_catalog/ }, { endless: true })
    const [exitCode, ids] = outcomeOf(await tameRuns(['--catalog', '--registry', registry.host]))
    expect([exitCode, ids]).toEqual([3, ['answer-invalid']])
  })

  test.each([200, 401, 404, 500])('as a token server with %i gives no token', async (status) => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: '/token' }, { status }, { endless: true })
    const [exitCode, ids] = outcomeOf(await tameRuns([reference], asAnn))
    expect(exitCode).toBe(3)
    expect(ids).toEqual([
      { 200: 'token-response-invalid', 401: 'bad-credentials', 500: 'token-server-unreachable' }[status] ??
        'token-response-invalid',
    ])
  })
})

describe('pages without end', () => {
  /** Every page of a list names another one. */
  const paging = (body: (at: number) => object): Server => {
    let at = 0
    return createServer((request, response) => {
      at += 1
      const path = new URL(request.url ?? '', 'http://x').pathname
      response.writeHead(200, {
        'content-type': 'application/json',
        link: `<${path}?last=${at}>; rel="next"`,
      })
      response.end(JSON.stringify(body(at)))
    })
  }

  test('of a catalog are given up, with one finding', async () => {
    const { host } = await serve(paging(() => ({ repositories: [] })))
    const outcome = outcomeOf(await tameRuns(['--catalog', '--registry', host]))
    expect(outcome).toEqual([3, ['answer-invalid']])
  })

  test('that come back to the first one are given up there, with one finding', async () => {
    const registry = await start()
    const { image } = pushSmall(registry)
    registry.store.push('two', contentsOf(image), '1')
    registry.faults.add({ path: /_catalog/ }, { setHeader: { link: '</v2/_catalog?n=100>; rel="next"' } })
    expect(outcomeOf(await tameRuns(['--catalog', '--registry', registry.host]))).toEqual([
      3,
      ['answer-invalid'],
    ])
    expect(registry.requests.filter(({ path }) => path.includes('_catalog'))).toHaveLength(3)
  })
})

describe('a slow drip', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('of header bytes runs into the limit for headers', async () => {
    const { host } = await serve(
      createTcp((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx: ')
        const timer = setInterval(() => socket.write('a'), 20)
        socket.once('close', () => clearInterval(timer))
      }),
    )
    const why = whyOf(await get(clientOf({ limits: { headersMs: 500 } }), `http://${host}/`))
    expect(why.kind).toBe('answer-timeout')
  })

  test('of body bytes is given up after a minute, with what came', async () => {
    vi.useFakeTimers()
    const body = new PassThrough()
    const dripping = setInterval(() => body.write('x'), 1000)
    const reading = readBody(
      {
        status: 200,
        host: 'registry.test',
        url: 'https://registry.test/',
        fromStorage: false,
        header: () => undefined,
        headers: () => [],
        encoding: '',
        body,
        signal: new AbortController().signal,
        count: () => {},
        discard: () => {},
      },
      1000,
    )
    await vi.advanceTimersByTimeAsync(61_000)
    const read = await reading
    clearInterval(dripping)
    expect(read).toMatchObject({ end: 'cut', why: { kind: 'answer-timeout', host: 'registry.test' } })
    expect(read.bytes.length).toBeGreaterThan(50)
  })

  test('of a blob ends with the time that the run has', async () => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/blobs\// }, { ignoreRange: true }, { drip: { bytes: 1, everyMs: 100 } })
    const [exitCode, ids] = outcomeOf(await tameRuns([reference, '--timeout', '2s']))
    expect([exitCode, ids]).toEqual([3, []])
  })
})

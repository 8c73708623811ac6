import { createServer, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { probeEndpoint } from '../../../src/observe/path/endpoint.ts'
import type { ProbeOptions } from '../../../src/observe/path/probe-leg.ts'
import { useServers } from '../kit.ts'

const start = useServers()
const serve = async (handle: RequestListener) => (await start(createServer(handle))).host

const options: ProbeOptions = {
  skipTlsVerify: () => false,
  authorities: [],
  certsRoot: '/nonexistent',
  env: {},
  userAgent: 'regguard/test',
  signal: new AbortController().signal,
  now: () => 1000,
}

const probed = (host: string, times = 1) =>
  probeEndpoint({ text: host, url: new URL(`http://${host}/v2/`) }, times, options)

test('the realm of a challenge is a leg of its own, asked for its service and without credentials', async () => {
  const asked: string[] = []
  const auth = await serve((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    response.end('{}')
  })
  const registry = await serve((_, response) => {
    response.setHeader('www-authenticate', `Bearer realm="http://${auth}/token",service="registry"`)
    response.writeHead(401).end()
  })
  const legs = await probed(registry)
  expect(legs.map(({ step, of, url }) => [step, of, url])).toEqual([
    ['endpoint', registry, `http://${registry}/v2/`],
    ['token', registry, `http://${auth}/token`],
  ])
  expect(asked).toEqual(['/token?service=registry undefined'])
})

test('the host of a redirect is a leg of its own, and no query is kept', async () => {
  const storage = await serve((_, response) => void response.end())
  const registry = await serve((_, response) => {
    response.writeHead(307, { location: `http://${storage}/blob?signature=secret` }).end()
  })
  const legs = await probed(registry)
  expect(legs.map(({ step, url }) => [step, url])).toEqual([
    ['endpoint', `http://${registry}/v2/`],
    ['storage', `http://${storage}/blob`],
  ])
  expect(JSON.stringify(legs)).not.toContain('secret')
})

test('a server that leads around is left after a few legs', async () => {
  let n = 0
  const registry = await serve(({ headers }, response) => {
    n += 1
    response.writeHead(302, { location: `http://${headers.host}/${n}` }).end()
  })
  expect(await probed(registry)).toHaveLength(5)
})

test('a redirect to itself ends', async () => {
  const registry = await serve((_, response) => void response.writeHead(302, { location: '/v2/' }).end())
  expect(await probed(registry)).toHaveLength(1)
})

test('a lead further inside is not followed', async () => {
  const registry = await serve((_, response) => {
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end()
  })
  const [, inside] = await probed(registry)
  expect(inside).toMatchObject({ addresses: [], lookups: [{ failure: { kind: 'redirect-refused' } }] })
})

test('each leg is probed as often as asked for', async () => {
  let requests = 0
  const registry = await serve((_, response) => {
    requests += 1
    response.end()
  })
  const [leg] = await probed(registry, 3)
  expect(leg?.addresses).toMatchObject([{ attempts: [{ status: 200 }, { status: 200 }, { status: 200 }] }])
  expect(requests).toBe(3)
})

import { createSecureServer } from 'node:http2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { concurrencyOf } from '../../../src/observe/http/concurrency.ts'
import { openRegistry } from '../../../src/observe/registry/registry.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers, useWires } from '../kit.ts'

const start = useRegistries()
const listen = useServers()
const clientOf = useWires()

describe('a registry that takes so many requests a second', () => {
  test.each([
    ['with Retry-After', { 'retry-after': '1' }],
    ['without', {}],
  ])('is asked as fast as it takes them, %s', async (_sentence, headers) => {
    const registry = await start()
    const image = multiPlatform({ platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'], layersPer: 20 })
    registry.store.push('app', image.contents, '1')
    const [burst, rate] = [20, 40]
    let [tokens, at] = [burst, Date.now()]
    registry.faults.add(
      {
        when: () => {
          const now = Date.now()
          tokens = Math.min(burst, tokens + ((now - at) / 1000) * rate)
          at = now
          if (tokens < 1) return true
          tokens -= 1
          return false
        },
      },
      { status: 429, headers, body: 'too many requests' },
    )
    const report = await verifyImages([`${registry.host}/app:1`])
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    const refused = registry.requests.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(64)
  })
})

suiteNeeds(['openssl'])('a connection of HTTP/2 that is cut once', () => {
  let authority: Authority
  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  test('is one sign that the registry is down, however many requests it ends', async () => {
    const { key, cert } = await authority.issue()
    let streams = 0
    const server = createSecureServer({ key, cert }).on('stream', (stream) => {
      stream.on('error', () => {})
      streams += 1
      if (streams === 40) stream.session?.destroy()
      if (stream.destroyed) return
      setTimeout(() => {
        if (stream.destroyed) return
        stream.respond({ ':status': 200 })
        stream.end('hello')
      }, 20)
    })
    const { host } = await listen(server)
    const client = clientOf({ authorities: [authority.ca] })
    const registry = openRegistry({
      ...{ client, host: host.replace('127.0.0.1', 'localhost'), insecure: false },
      concurrency: concurrencyOf(undefined),
      credential: async () => ({ seen: true, value: undefined }),
      keepSecret: () => {},
      now: Date.now,
    })
    const asked = Array.from({ length: 120 }, (_, at) =>
      registry.request('app', { method: 'GET', path: `blobs/${at}` }, async (response) => {
        response.discard()
        return { seen: true, value: response.status }
      }),
    )
    const answers = await Promise.all(asked)
    expect(new Set(answers.map((answer) => (answer.seen ? answer.value : answer.why.kind)))).toEqual(
      new Set([200]),
    )
  })
})

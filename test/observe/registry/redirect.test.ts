import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { causeIds, noteIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers } from '../kit.ts'
import { login, pushApp, pushSmall, users } from './people.ts'

const start = useRegistries()
const serve = useServers()

describe('redirects of blobs', () => {
  test.each([301, 302, 303, 307, 308])('with status %i are followed', async (status) => {
    const storage = await start()
    const registry = await start()
    const image = pushApp(registry)
    pushApp(storage)
    registry.faults.add({ path: /\/blobs\// }, { redirect: ({ path }) => `${storage.url}${path}`, status })
    const report = await verifyImages([image])
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(report.hosts.map(({ host, roles }) => [host, roles])).toEqual([
      [registry.host, ['registry']],
      [storage.host, ['storage']],
    ])
  })

  test.each(['basic', 'bearer', 'forgejo'] as const)(
    'to another host carry no credentials (%s)',
    async (kind) => {
      const storage = await start()
      const registry = await start({ auth: { kind, users } })
      const image = pushApp(registry)
      pushApp(storage)
      registry.faults.add({ path: /\/blobs\// }, { redirect: ({ path }) => `${storage.url}${path}` })
      const report = await verifyImages([image], { settings: login })
      expect([report.exitCode, causeIds(report)]).toEqual([0, []])
      expect(storage.requests.length).toBeGreaterThan(0)
      expect(storage.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
    },
  )

  test('within the registry keep the credentials', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    const image = pushApp(registry)
    registry.faults.add({ path: /\/blobs\/[^?]+$/ }, { redirect: ({ path }) => `${path}?moved` })
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    const moved = registry.requests.filter(({ path }) => path.endsWith('?moved'))
    expect(moved.every(({ authorization }) => authorization === 'basic')).toBe(true)
  })

  test('back to the registry over another host carry no credentials', async () => {
    const registry = await start({ auth: { kind: 'none' } })
    const detour = await start()
    const { reference, image } = pushSmall(registry)
    const { digest } = image.config
    registry.faults.add(
      { path: /\/blobs\/[^?]+$/, digest },
      { redirect: ({ path }) => `${detour.url}${path}`, status: 307 },
    )
    detour.faults.add({}, { redirect: ({ path }) => `${registry.url}${path}?back` })
    registry.faults.add(
      { path: `/v2/app/manifests/1`, when: ({ headers }) => headers.authorization === undefined },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    await verifyImages([reference], { settings: login })
    const back = registry.requests.filter(({ path }) => path.endsWith('?back'))
    expect(back.map(({ authorization }) => authorization)).toEqual(back.map(() => undefined))
    expect(back.length).toBeGreaterThan(0)
  })

  test('to a host where nothing listens are storage-unreachable, with both hosts', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/blobs\// }, { redirect: `http://${gone.host}/x` })
    const report = await verifyImages([reference])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['storage-unreachable']])
    expect(JSON.stringify(report.causes)).toContain(`${registry.host} redirects blobs to ${gone.host}`)
  })

  test.each([401, 403])('to a storage that answers %i are storage-forbidden', async (status) => {
    const storage = await start()
    storage.faults.add({}, { status, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' })
    const registry = await start({ auth: { kind: 'basic', users } })
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/blobs\// }, { redirect: ({ path }) => `${storage.url}${path}` })
    const report = await verifyImages([reference], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['storage-forbidden']])
  })

  test.each([
    ['three times are retried as often as those of a registry', 3, [0, [], ['requests-repeated']]],
    ['every time are storage-unreachable', 4, [3, ['storage-unreachable'], []]],
  ])('to a storage that answers 503 %s', async (_, times, verdict) => {
    const storage = await start()
    const registry = await start()
    const { reference, image } = pushSmall(registry)
    pushSmall(storage)
    storage.faults.add(
      { digest: image.config.digest, times },
      { status: 503, body: '<Error><Code>SlowDown</Code></Error>', headers: { 'retry-after': '0' } },
    )
    registry.faults.add({ path: /\/blobs\// }, { redirect: ({ path }) => `${storage.url}${path}` })
    const report = await verifyImages([reference])
    const notes = noteIds(report).filter((id) => times < 4 || id !== 'requests-repeated')
    expect([report.exitCode, causeIds(report), notes]).toEqual(verdict)
    const received = storage.requests.filter(({ path }) => path.endsWith(image.config.digest))
    expect(received).toHaveLength(4)
  })

  test('in a loop end after ten hops', async () => {
    const registry = await start()
    const { reference, image } = pushSmall(registry)
    registry.faults.add({ digest: image.config.digest }, { redirect: ({ path }) => path })
    const report = await verifyImages([reference])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['redirect-loop']])
    expect(registry.requests.filter(({ path }) => path.endsWith(image.config.digest))).toHaveLength(11)
  })

  test('to another scheme than http and https are refused', async () => {
    const registry = await start()
    const { reference, image } = pushSmall(registry)
    registry.faults.add({ digest: image.config.digest }, { redirect: 'file:///etc/passwd' })
    const report = await verifyImages([reference])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['redirect-refused']])
  })
})

import { expect, test } from 'vitest'
import { bodyOf, contentsOf, image, index, manifest } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { causesOf, requestsFor, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const tag = '/v2/app/manifests/1'

const pushed = (registry: EmbeddedRegistry) => {
  const child = image('linux/amd64')
  const top = index([child])
  registry.store.push('app', contentsOf(top), '1')
  return { top: top.manifest.digest, child: child.manifest.digest }
}

test('a tag is resolved by HEAD and its digest is requested by HEAD, as runtimes do', async () => {
  const registry = await start()
  const { top, child } = pushed(registry)
  expect(verdictOf(await verifyApp(registry))).toEqual([0, [], []])
  expect(requestsFor(registry, '/manifests/1')).toEqual(['GET 200', 'HEAD 200'])
  expect(requestsFor(registry, top)).toEqual(['HEAD 200', 'GET 200'])
  expect(requestsFor(registry, child)).toEqual(['GET 200'])
})

test('two tags of one digest request it once by each', async () => {
  const registry = await start()
  const { top } = pushed(registry)
  registry.store.tag('app', '2', top)
  await verifyImages([`${registry.host}/app:1`, `${registry.host}/app:2`])
  expect(requestsFor(registry, top)).toEqual(['HEAD 200', 'GET 200'])
})

test('a run that only tests the path sends neither', async () => {
  const registry = await start()
  const { top } = pushed(registry)
  await verifyApp(registry, { checks: 'path' })
  expect(requestsFor(registry, '/manifests/1')).toEqual(['GET 200'])
  expect(requestsFor(registry, top)).toEqual([])
})

test.each([404, 403, 400, 501, 500])('HEAD that gets %i where GET gets 200 is an error', async (status) => {
  const registry = await start()
  pushed(registry)
  registry.faults.add({ method: 'HEAD' }, { status })
  expect(causesOf(await verifyApp(registry))).toEqual([1, ['head-refused']])
})

test('HEAD that gets 405 is only noted, because containerd repeats it with GET', async () => {
  const registry = await start()
  pushed(registry)
  registry.faults.add({ method: 'HEAD' }, { status: 405 })
  expect(verdictOf(await verifyApp(registry))).toEqual([0, [], ['head-unsupported']])
})

test('a tag whose manifest is not served by its digest is an error', async () => {
  const registry = await start()
  const { top } = pushed(registry)
  registry.faults.add({ digest: top }, { status: 404 })
  expect(verdictOf(await verifyApp(registry))).toEqual([1, ['digest-not-served'], []])
})

test('so is one that HEAD finds and GET does not, or serves with other bytes', async () => {
  for (const fault of [{ status: 404 }, { bytes: Buffer.from('{}') }]) {
    const registry = await start()
    const { top } = pushed(registry)
    registry.faults.add({ method: 'GET', digest: top }, fault)
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['digest-not-served'], []])
  }
})

test('a limit on the closing HEAD is no refusal', async () => {
  const registry = await start()
  pushed(registry)
  registry.faults.add({ method: 'HEAD', path: tag }, { status: 429, headers: { 'retry-after': '3600' } })
  expect(causesOf(await verifyApp(registry))).toEqual([0, []])
})

test('a digest that is served late is waited for', async () => {
  const registry = await start()
  const { top } = pushed(registry)
  registry.faults.add({ digest: top, times: 2 }, { status: 404 })
  expect(verdictOf(await verifyApp(registry, { settle: '20s' }))).toEqual([0, [], []])
})

test.each([
  ['no Content-Type', { dropHeader: 'content-type' }],
  ['a Content-Type that is no manifest', { setHeader: { 'content-type': 'application/json' } }],
])('a manifest with %s is an error, even if no other place states a type', async (_what, fault) => {
  const registry = await start()
  const pushedImage = image('linux/amd64')
  const { mediaType: _type, ...body } = bodyOf(pushedImage.manifest)
  const bare = manifest(pushedImage.manifest.mediaType, body)
  registry.store.push('app', [...pushedImage.blobs, bare], '1')
  registry.faults.add({ path: /manifests/ }, fault)
  expect(verdictOf(await verifyApp(registry))).toEqual([1, ['content-type-invalid'], []])
})

test.each([
  ['Content-Type', { setHeader: { 'content-type': 'application/octet-stream' } }],
  ['no Content-Type', { dropHeader: 'content-type' }],
  ['Content-Length', { contentLength: 0 }],
  ['missing Content-Length', { contentLength: 'missing' as const }],
  ['digest', { setHeader: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } }],
  ['digest that is none', { setHeader: { 'docker-content-digest': 'latest' } }],
])('HEAD with another %s than GET is an error', async (_, fault) => {
  const registry = await start()
  pushed(registry)
  registry.faults.add({ method: 'HEAD', path: tag }, fault)
  expect(verdictOf(await verifyApp(registry))).toEqual([1, ['head-mismatch'], []])
})

test('HEAD without a digest is fine, because clients then ask with GET', async () => {
  const registry = await start()
  pushed(registry)
  registry.faults.add({ method: 'HEAD' }, { dropHeader: 'docker-content-digest' })
  expect((await verifyApp(registry)).exitCode).toBe(0)
})

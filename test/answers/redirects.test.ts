import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { useRegistries, useServers } from '../observe/kit.ts'
import { createAuthority } from '../support/certs.ts'
import { suiteNeeds } from '../support/need.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import { verifyImages } from '../support/verify.ts'
import { outcomeOf, pushImage, textOf, verifyApp } from './fixtures.ts'

const start = useRegistries()
const serve = useServers()
const blobs = { path: /\/blobs\// }
const forbidden = '<Error><Code>SignatureDoesNotMatch</Code></Error>'

/** A registry that redirects blobs to another host. */
async function registryWithStorage() {
  const [registry, storage] = [await start(), await start()]
  pushImage(registry)
  pushImage(storage)
  registry.faults.add(blobs, { redirect: ({ path }) => `${storage.url}${path}` })
  return { registry, storage }
}

describe('a blob storage behind a redirect', () => {
  test('that refuses only HEAD, because the URL is signed for GET, has no finding', async () => {
    const { registry, storage } = await registryWithStorage()
    storage.faults.add({ method: 'HEAD' }, { status: 403, body: forbidden })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(report.exitCode).toBe(0)
    expect(report.causes.filter(({ severity }) => severity !== 'note')).toEqual([])
  })

  test('that refuses GET is storage-forbidden, with clock and policy as advice', async () => {
    const { registry, storage } = await registryWithStorage()
    storage.faults.add({}, { status: 403, body: forbidden })
    for (const depth of ['head', 'probe']) {
      const report = await verifyApp(registry, { depth })
      expect(outcomeOf(report)).toEqual([3, { 'storage-forbidden': 'error' }])
      expect(textOf(report, 'storage-forbidden')).toContain(
        `HTTP 403 from ${storage.host}, where ${registry.host} redirects`,
      )
      expect(report.causes[0]?.advice).toMatch(/clock and bucket policy/)
    }
  })

  test.each(['head', 'probe', 'full'])('that lacks a layer is named at depth %s', async (depth) => {
    const { registry, storage } = await registryWithStorage()
    const body = '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'
    storage.faults.add({}, { status: 404, body, headers: { 'content-type': 'application/xml' } })
    const report = await verifyApp(registry, { depth })
    expect(outcomeOf(report)).toEqual([1, { 'config-missing': 'error', 'layer-missing': 'error' }])
    for (const id of ['config-missing', 'layer-missing'])
      expect(textOf(report, id)).toContain(`404 from ${storage.host}, where the registry redirects`)
    expect(report.causes[0]?.because).toContain(`redirects to ${storage.host}, which does not have it`)
  })

  test('where nothing listens is storage-unreachable, and the registry passes', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const registry = await start()
    pushImage(registry)
    registry.faults.add(blobs, { redirect: `http://${gone.host}/x` })
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, { 'storage-unreachable': 'error' }])
    expect(textOf(report, 'storage-unreachable')).toContain(
      `${registry.host} redirects blobs to ${gone.host}`,
    )
    expect(report.groups.find(({ group }) => group === 'registry')?.status).toBe('pass')
  })

  test('with an unknown name is storage-unreachable', async () => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add(blobs, { redirect: 'http://storage.invalid/x' })
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, { 'storage-unreachable': 'error' }])
    expect(textOf(report, 'storage-unreachable')).toContain('storage.invalid')
  })
})

suiteNeeds(['openssl'])('a redirect of a registry with TLS', () => {
  test('to plain HTTP is redirect-refused, and nothing is sent there', async () => {
    const authority = await createAuthority()
    try {
      const { key, cert } = await authority.issue()
      const [registry, storage] = [await start({ tls: { key, cert } }), await start()]
      pushImage(registry)
      registry.faults.add(blobs, { redirect: ({ path }) => `${storage.url}${path}` })
      const report = await verifyImages([`${registry.host}/app:1`], { authorities: [authority.ca] })
      expect(report.exitCode).toBe(3)
      expect(report.causes.map(({ id }) => id)).toContain('redirect-refused')
      expect(textOf(report, 'redirect-refused')).toContain(`from https down to http://${storage.host}`)
      expect(storage.requests).toEqual([])
    } finally {
      await authority.remove()
    }
  })
})

test('a redirect from a name to a loopback address is redirect-refused, and nothing is sent there', async () => {
  const forget = namesOfThisMachine()
  try {
    const { registry, storage } = await registryWithStorage()
    const name = registry.host.replace('127.0.0.1', 'registry.test')
    const report = await verifyImages([`${name}/app:1`], { settings: { insecure: 'true' } })
    expect(outcomeOf(report)).toEqual([3, { 'redirect-refused': 'error' }])
    expect(textOf(report, 'redirect-refused')).toContain(storage.host)
    expect(storage.requests).toEqual([])
  } finally {
    forget()
  }
})

test('a redirect loop ends after ten hops, with rewrite rules as advice', async () => {
  const registry = await start()
  const { digest } = pushImage(registry)
  registry.faults.add({ digest }, { redirect: ({ path }) => path })
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([3, { 'redirect-loop': 'error' }])
  expect(textOf(report, 'redirect-loop')).toContain('more than 10 redirects')
  expect(report.causes[0]?.advice).toContain('rewrite rules')
  expect(registry.requests.filter(({ path }) => path.endsWith(digest))).toHaveLength(11)
})

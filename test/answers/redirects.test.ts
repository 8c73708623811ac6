import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { useRegistries, useServers } from '../observe/kit.ts'
import { createAuthority } from '../support/certs.ts'
import { suiteNeeds } from '../support/need.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import { verifyImages } from '../support/verify.ts'
import { pushImage, toldBy, verifyApp, wordsOf } from './told.ts'

const start = useRegistries()
const serve = useServers()
const blobs = { path: /\/blobs\// }
const forbidden = '<Error><Code>SignatureDoesNotMatch</Code></Error>'

/** A registry whose blobs are at another host. */
async function redirecting() {
  const [registry, storage] = [await start(), await start()]
  pushImage(registry)
  pushImage(storage)
  registry.faults.add(blobs, { redirect: ({ path }) => `${storage.url}${path}` })
  return { registry, storage }
}

describe('a storage that blobs are redirected to', () => {
  test('and that refuses HEAD alone, because the address is signed for GET, is no fault', async () => {
    const { registry, storage } = await redirecting()
    storage.faults.add({ method: 'HEAD' }, { status: 403, body: forbidden })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(report.exitCode).toBe(0)
    expect(report.causes.filter(({ severity }) => severity !== 'note')).toEqual([])
  })

  test('and that refuses GET, too, is named, with clock and policy as what to look at', async () => {
    const { registry, storage } = await redirecting()
    storage.faults.add({}, { status: 403, body: forbidden })
    for (const depth of ['head', 'probe']) {
      const report = await verifyApp(registry, { depth })
      expect(toldBy(report)).toEqual([3, { 'storage-forbidden': 'error' }])
      expect(wordsOf(report, 'storage-forbidden')).toContain(`${registry.host} redirects to ${storage.host}`)
      expect(report.causes[0]?.advice).toMatch(/clock and bucket policy/)
    }
  })

  test('and where nothing listens is unreachable, while the registry is well', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const registry = await start()
    pushImage(registry)
    registry.faults.add(blobs, { redirect: `http://${gone.host}/x` })
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, { 'storage-unreachable': 'error' }])
    expect(wordsOf(report, 'storage-unreachable')).toContain(
      `${registry.host} redirects blobs to ${gone.host}`,
    )
    expect(report.groups.find(({ group }) => group === 'registry')?.status).toBe('pass')
  })

  test('and whose name no resolver knows is unreachable, too', async () => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add(blobs, { redirect: 'http://storage.invalid/x' })
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, { 'storage-unreachable': 'error' }])
    expect(wordsOf(report, 'storage-unreachable')).toContain('storage.invalid')
  })
})

suiteNeeds(['openssl'])('a redirect of a registry that speaks TLS', () => {
  test('down to plain http is refused, and nothing is sent there', async () => {
    const authority = await createAuthority()
    try {
      const { key, cert } = await authority.issue()
      const [registry, storage] = [await start({ tls: { key, cert } }), await start()]
      pushImage(registry)
      registry.faults.add(blobs, { redirect: ({ path }) => `${storage.url}${path}` })
      const report = await verifyImages([`${registry.host}/app:1`], { authorities: [authority.ca] })
      expect(report.exitCode).toBe(3)
      expect(report.causes.map(({ id }) => id)).toContain('redirect-refused')
      expect(wordsOf(report, 'redirect-refused')).toContain(`from https down to http://${storage.host}`)
      expect(storage.requests).toEqual([])
    } finally {
      await authority.remove()
    }
  })
})

test('a redirect from a name to an address of this machine is refused, and not asked', async () => {
  const forget = namesOfThisMachine()
  try {
    const { registry, storage } = await redirecting()
    const name = registry.host.replace('127.0.0.1', 'registry.test')
    const report = await verifyImages([`${name}/app:1`], { settings: { insecure: 'true' } })
    expect(toldBy(report)).toEqual([3, { 'redirect-refused': 'error' }])
    expect(wordsOf(report, 'redirect-refused')).toContain(storage.host)
    expect(storage.requests).toEqual([])
  } finally {
    forget()
  }
})

test('redirects in a circle end after ten, and a rewrite rule is what to look for', async () => {
  const registry = await start()
  const { digest } = pushImage(registry)
  registry.faults.add({ digest }, { redirect: ({ path }) => path })
  const report = await verifyApp(registry)
  expect(toldBy(report)).toEqual([3, { 'redirect-loop': 'error' }])
  expect(wordsOf(report, 'redirect-loop')).toContain('more than 10 redirects')
  expect(report.causes[0]?.advice).toContain('in a circle')
  expect(registry.requests.filter(({ path }) => path.endsWith(digest))).toHaveLength(11)
})

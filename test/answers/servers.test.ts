import { describe, expect, test } from 'vitest'
import { useRegistries } from '../observe/kit.ts'
import { verifyCatalog } from '../support/verify.ts'
import { errorDocument, outcomeOf, pushImage, textOf, verifyApp } from './fixtures.ts'

const start = useRegistries()

describe('a rate limit', () => {
  test.each([
    ['seconds', () => '3600', /retry after 3600 s/],
    ['a date', () => new Date(Date.now() + 1_800_000).toUTCString(), /retry after 1(79\d|80\d) s/],
  ])('is rate-limited after one request, with the rest and the reset time in %s', async (_, until, reset) => {
    const registry = await start()
    pushImage(registry)
    const headers = {
      'retry-after': until(),
      'ratelimit-limit': '100;w=21600',
      'ratelimit-remaining': '0;w=21600',
    }
    registry.faults.add({}, errorDocument(429, 'TOOMANYREQUESTS', 'slow down', headers))
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, { 'rate-limited': 'error', 'rate-limit-low': 'note' }])
    const text = textOf(report, 'rate-limited')
    expect(text).toContain('RateLimit-Remaining: 0')
    expect(text).toMatch(reset)
    expect(registry.requests).toHaveLength(1)
    expect(report.totals.requests).toBe(1)
  })
})

test('a 500 for one digest is registry-metadata-corrupt, after one retry', async () => {
  const registry = await start()
  const { digest } = pushImage(registry)
  registry.faults.add({ digest }, errorDocument(500, 'UNKNOWN', 'unknown error'))
  const report = await verifyApp(registry)
  expect(report.exitCode).toBe(1)
  const [cause] = report.causes
  expect([cause?.id, cause?.severity]).toEqual(['registry-metadata-corrupt', 'error'])
  expect(cause?.findings.map((finding) => finding.digest)).toEqual([digest])
  expect(cause?.advice).toContain('empty or malformed “link” file')
  expect(registry.requests.filter(({ path }) => path.endsWith(digest))).toHaveLength(2)
})

test.each([502, 503, 504])(
  'a registry that answers %i is registry-unavailable, and the image is unknown',
  async (status) => {
    const registry = await start()
    pushImage(registry)
    const headers = { 'content-type': 'text/html', 'retry-after': '0' }
    registry.faults.add({}, { status, body: '<html><title>Bad Gateway</title></html>', headers })
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, { 'registry-unavailable': 'error', 'requests-repeated': 'note' }])
    expect(report.targets.map((target) => target.status)).toEqual(['unknown'])
    expect(textOf(report, 'registry-unavailable')).toContain(`HTTP ${status}`)
  },
)

test('a login page with status 200 is not-a-registry, with its title', async () => {
  const registry = await start()
  pushImage(registry)
  registry.faults.add({}, { html: '<html><head><title>Welcome to the hotel</title></head></html>' })
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([3, { 'not-a-registry': 'error' }])
  expect(textOf(report, 'not-a-registry')).toContain('Welcome to the hotel')
})

test.each(['head', 'probe', 'full'])(
  'a web page for blobs is not-a-registry at depth %s, whatever its type, and no damaged blob',
  async (depth) => {
    const registry = await start()
    pushImage(registry)
    const body = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>'
    const headers = { 'content-type': 'application/octet-stream' }
    registry.faults.add({ path: /blobs/ }, { status: 200, body, headers })
    expect(outcomeOf(await verifyApp(registry, { depth }))[0]).toBe(3)
    expect(outcomeOf(await verifyApp(registry, { depth }))[1]).toMatchObject({ 'not-a-registry': 'error' })
  },
)

describe('a catalog', () => {
  test.each([
    [401, 'catalog-inaccessible'],
    [403, 'catalog-inaccessible'],
    [404, 'catalog-unsupported'],
    [405, 'catalog-unsupported'],
  ])('that answers %i is %s', async (status, id) => {
    const registry = await start()
    pushImage(registry)
    const headers = { 'www-authenticate': 'Basic realm="x"' }
    registry.faults.add({ path: /_catalog/ }, { status, headers })
    const report = await verifyCatalog(registry.host)
    expect(report.exitCode).toBe(3)
    expect(report.causes.map((cause) => cause.id)).toEqual([id])
    expect(report.targets).toEqual([])
  })

  test('that is empty is a warning', async () => {
    const registry = await start()
    expect(outcomeOf(await verifyCatalog(registry.host))).toEqual([0, { 'catalog-empty': 'warning' }])
  })

  test('in many pages is read to its end', async () => {
    const registry = await start({ pageSize: 1 })
    for (const name of ['a', 'b', 'c']) pushImage(registry, name)
    const report = await verifyCatalog(registry.host)
    expect(outcomeOf(report)).toEqual([0, {}])
    expect(report.targets).toHaveLength(3)
  })

  test.each([
    ['answers null for its tags', undefined],
    [
      'answers NAME_UNKNOWN for its tags',
      errorDocument(404, 'NAME_UNKNOWN', 'repository name not known to registry'),
    ],
  ])('with a repository that %s has a note', async (_, fault) => {
    const registry = await start()
    pushImage(registry)
    registry.store.create('left/over')
    if (fault) registry.faults.add({ path: /left\/over\/tags/ }, fault)
    const report = await verifyCatalog(registry.host)
    expect(outcomeOf(report)).toEqual([0, { 'empty-repo': 'note' }])
    expect(textOf(report, 'empty-repo')).toContain('left/over')
  })
})

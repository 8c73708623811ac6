import { describe, expect, test } from 'vitest'
import { useRegistries } from '../observe/kit.ts'
import { verifyCatalog } from '../support/verify.ts'
import { pushImage, refusing, toldBy, verifyApp, wordsOf } from './told.ts'

const start = useRegistries()

describe('a rate limit', () => {
  test.each([
    ['seconds', () => '3600', /asks to wait 3600 s/],
    ['a date', () => new Date(Date.now() + 1_800_000).toUTCString(), /asks to wait 1(79\d|80\d) s/],
  ])('is told with what is left and when it resets, by %s, after one request', async (_, until, reset) => {
    const registry = await start()
    pushImage(registry)
    const headers = {
      'retry-after': until(),
      'ratelimit-limit': '100;w=21600',
      'ratelimit-remaining': '0;w=21600',
    }
    registry.faults.add({}, refusing(429, 'TOOMANYREQUESTS', 'slow down', headers))
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, { 'rate-limited': 'error', 'rate-limit-low': 'note' }])
    const words = wordsOf(report, 'rate-limited')
    expect(words).toContain('RateLimit-Remaining 0')
    expect(words).toMatch(reset)
    expect(registry.requests).toHaveLength(1)
    expect(report.totals.requests).toBe(1)
  })
})

test('a 500 for one digest is the damaged record of that digest, asked twice and no more', async () => {
  const registry = await start()
  const { digest } = pushImage(registry)
  registry.faults.add({ digest }, refusing(500, 'UNKNOWN', 'unknown error'))
  const report = await verifyApp(registry)
  expect(report.exitCode).toBe(1)
  const [cause] = report.causes
  expect([cause?.id, cause?.severity]).toEqual(['registry-metadata-corrupt', 'error'])
  expect(cause?.findings.map((finding) => finding.digest)).toEqual([digest])
  expect(cause?.advice).toContain('empty or malformed “link” file')
  expect(registry.requests.filter(({ path }) => path.endsWith(digest))).toHaveLength(2)
})

test.each([502, 503, 504])(
  'a registry that answers %i is down, and the image is unknown, not broken',
  async (status) => {
    const registry = await start()
    pushImage(registry)
    const headers = { 'content-type': 'text/html', 'retry-after': '0' }
    registry.faults.add({}, { status, body: '<html><title>Bad Gateway</title></html>', headers })
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, { 'registry-unavailable': 'error', 'requests-repeated': 'note' }])
    expect(report.targets.map((target) => target.status)).toEqual(['unknown'])
    expect(wordsOf(report, 'registry-unavailable')).toContain(`it answered ${status}`)
  },
)

test('a login page with 200 is no registry, and its title is told', async () => {
  const registry = await start()
  pushImage(registry)
  registry.faults.add({}, { html: '<html><head><title>Welcome to the hotel</title></head></html>' })
  const report = await verifyApp(registry)
  expect(toldBy(report)).toEqual([3, { 'not-a-registry': 'error' }])
  expect(wordsOf(report, 'not-a-registry')).toContain('Welcome to the hotel')
})

describe('a catalog', () => {
  test.each([
    [401, 'catalog-inaccessible'],
    [403, 'catalog-inaccessible'],
    [404, 'catalog-unsupported'],
    [405, 'catalog-unsupported'],
  ])('that answers %i is %s, and never a healthy registry', async (status, id) => {
    const registry = await start()
    pushImage(registry)
    const headers = { 'www-authenticate': 'Basic realm="x"' }
    registry.faults.add({ path: /_catalog/ }, { status, headers })
    const report = await verifyCatalog(registry.host)
    expect(report.exitCode).toBe(3)
    expect(report.causes.map((cause) => cause.id)).toEqual([id])
    expect(report.targets).toEqual([])
  })

  test('that lists nothing is a warning', async () => {
    const registry = await start()
    expect(toldBy(await verifyCatalog(registry.host))).toEqual([0, { 'catalog-empty': 'warning' }])
  })

  test('in short pages is followed to its end', async () => {
    const registry = await start({ pageSize: 1 })
    for (const name of ['a', 'b', 'c']) pushImage(registry, name)
    const report = await verifyCatalog(registry.host)
    expect(toldBy(report)).toEqual([0, {}])
    expect(report.targets).toHaveLength(3)
  })

  test.each([
    ['answers null for its tags', undefined],
    [
      'answers NAME_UNKNOWN for its tags',
      refusing(404, 'NAME_UNKNOWN', 'repository name not known to registry'),
    ],
  ])('may list a repository that %s, which is a note', async (_, fault) => {
    const registry = await start()
    pushImage(registry)
    registry.store.create('left/over')
    if (fault) registry.faults.add({ path: /left\/over\/tags/ }, fault)
    const report = await verifyCatalog(registry.host)
    expect(toldBy(report)).toEqual([0, { 'empty-repo': 'note' }])
    expect(wordsOf(report, 'empty-repo')).toContain('left/over')
  })
})

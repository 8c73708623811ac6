import { describe, expect, test } from 'vitest'
import { challenge, healthy, refusal, userOf, useVendors, type Vendor, verifyImage } from './vendor.ts'

const serve = useVendors()
const [amd64, arm64] = healthy.images.map(({ manifest }) => manifest.digest)
const good = { username: 'ci', password: 'cache-secret' }

/** A registry with what was pulled through it: one of two platforms, and no attestation. */
const cache: Vendor = {
  contents: healthy.contents.filter(
    ({ kind, digest }) => kind === 'blob' || [amd64, healthy.index.manifest.digest].includes(digest),
  ),
}

describe('a pull-through cache', () => {
  test('that holds everything passes', async () => {
    await serve({})
    expect((await verifyImage({ mirror: 'true' })).verdict).toEqual([0, [], []])
  })

  test('may lack platforms that were never pulled, which are named in a note', async () => {
    await serve(cache)
    const { verdict, text } = await verifyImage({ mirror: 'true' })
    expect(verdict).toEqual([0, [], ['sparse-allowed']])
    expect(text).toContain(arm64)
  })

  test('may require a login', async () => {
    const before: Vendor['before'] = (request) =>
      userOf(request)?.password === good.password ? undefined : challenge('Basic realm="cache"')
    await serve({ ...cache, before })
    expect((await verifyImage({ ...good, mirror: 'true' })).verdict).toEqual([0, [], ['sparse-allowed']])
    expect((await verifyImage({ mirror: 'true' })).verdict).toEqual([3, ['denied-or-missing'], []])
    expect((await verifyImage({ ...good, password: 'no', mirror: 'true' })).verdict).toEqual([
      3,
      ['bad-credentials'],
      [],
    ])
  })

  test('without `mirror: true` has lost platforms', async () => {
    await serve(cache)
    expect((await verifyImage()).verdict).toEqual([1, ['orphaned-index', 'attestation-missing'], []])
  })

  test('that forwards the rate limit of its upstream is rate-limited, and the image is unknown', async () => {
    const headers = { 'retry-after': '3600' }
    const before: Vendor['before'] = (_, { what }) =>
      what === arm64 ? refusal(429, 'TOOMANYREQUESTS', 'pull rate limit of upstream', headers) : undefined
    await serve({ ...cache, before })
    const { verdict, text } = await verifyImage({ mirror: 'true' })
    expect(verdict).toEqual([3, ['rate-limited'], ['sparse-allowed']])
    expect(text).toContain('pull rate limit of upstream')
  })

  test('whose upstream is down is registry-unavailable, and the image is unknown', async () => {
    const before: Vendor['before'] = (_, { what }) =>
      what === '1' ? new Response('upstream', { status: 504, headers: { 'retry-after': '0' } }) : undefined
    await serve({ ...cache, before })
    const { verdict } = await verifyImage({ mirror: 'true' })
    expect(verdict).toEqual([3, ['registry-unavailable'], ['requests-repeated']])
  })

  test('that answers 404 for the tag may have an upstream that fails, and the image is unknown', async () => {
    await serve({ ...cache, tags: {} })
    const { verdict, text } = await verifyImage({ mirror: 'true' })
    expect(verdict).toEqual([3, ['mirror-miss'], []])
    expect(text).toContain('it answered 404 MANIFEST_UNKNOWN')
    expect((await verifyImage()).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('whose upstream fails during the run has not lost the tag', async () => {
    let asked = 0
    const before: Vendor['before'] = (_, { what }) => {
      if (what === '1') asked += 1
      return what === '1' && asked > 1 ? refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown') : undefined
    }
    await serve({ before })
    const { verdict } = await verifyImage({ mirror: 'true' })
    expect(asked).toBeGreaterThan(1)
    expect(verdict).toEqual([3, ['mirror-miss'], []])
  })
})

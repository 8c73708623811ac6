import { describe, expect, test } from 'vitest'
import { challenge, healthy, look, refusal, userOf, useVendors, type Vendor } from './vendor.ts'

const serve = useVendors()
const [amd64, arm64] = healthy.images.map(({ manifest }) => manifest.digest)
const good = { username: 'ci', password: 'cache-secret' }

/** A registry that holds what was pulled through it: one platform of two, and no attestation. */
const cache: Vendor = {
  contents: healthy.contents.filter(
    ({ kind, digest }) => kind === 'blob' || [amd64, healthy.index.manifest.digest].includes(digest),
  ),
}

describe('a pull-through cache', () => {
  test('that holds everything passes', async () => {
    await serve({})
    expect((await look({ mirror: 'true' })).verdict).toEqual([0, [], []])
  })

  test('may lack the platforms that nobody pulled, which is noted by name', async () => {
    await serve(cache)
    const { verdict, words } = await look({ mirror: 'true' })
    expect(verdict).toEqual([0, [], ['sparse-allowed']])
    expect(words).toContain(arm64)
  })

  test('asks for a login of its own', async () => {
    const before: Vendor['before'] = (request) =>
      userOf(request)?.password === good.password ? undefined : challenge('Basic realm="cache"')
    await serve({ ...cache, before })
    expect((await look({ ...good, mirror: 'true' })).verdict).toEqual([0, [], ['sparse-allowed']])
    expect((await look({ mirror: 'true' })).verdict).toEqual([3, ['denied-or-missing'], []])
    expect((await look({ ...good, password: 'no', mirror: 'true' })).verdict).toEqual([
      3,
      ['bad-credentials'],
      [],
    ])
  })

  test('that is called a registry has lost its platforms', async () => {
    await serve(cache)
    expect((await look()).verdict).toEqual([1, ['orphaned-index', 'attestation-missing'], []])
  })

  test('hands on the rate limit of the registry behind it, and nothing is said of the image', async () => {
    const headers = { 'retry-after': '3600' }
    const before: Vendor['before'] = (_, { what }) =>
      what === arm64 ? refusal(429, 'TOOMANYREQUESTS', 'pull rate limit of upstream', headers) : undefined
    await serve({ ...cache, before })
    const { verdict, words } = await look({ mirror: 'true' })
    expect(verdict).toEqual([3, ['rate-limited'], ['sparse-allowed']])
    expect(words).toContain('pull rate limit of upstream')
  })

  test('whose origin does not answer is unavailable, and nothing is said of the image', async () => {
    const before: Vendor['before'] = (_, { what }) =>
      what === '1' ? new Response('upstream', { status: 504, headers: { 'retry-after': '0' } }) : undefined
    await serve({ ...cache, before })
    const { verdict } = await look({ mirror: 'true' })
    expect(verdict).toEqual([3, ['registry-unavailable'], ['requests-repeated']])
  })

  test('has no such tag', async () => {
    await serve({ ...cache, tags: {} })
    expect((await look({ mirror: 'true' })).verdict).toEqual([1, ['tag-missing'], []])
  })
})

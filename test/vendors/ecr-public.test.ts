import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import { challenge, look, refusal, tokenHost, tokenOf, userOf, useVendors, type Vendor } from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/token/`
const asks = `Bearer realm="${realm}",service="public.ecr.aws",scope="aws"`

/** ECR's gallery: a token for all, one scope, and HEAD of a blob for nobody (containers-roadmap#2671). */
const gallery = (change: Vendor = {}): Vendor => ({
  ...change,
  before: (request, about) => {
    if (!tokenOf(request)) return challenge(asks)
    if (about.kind === 'blobs' && request.method === 'HEAD') return challenge(asks)
    return change.before?.(request, about)
  },
  others: [
    http.get(realm, ({ request }) =>
      userOf(request)?.password === 'stale'
        ? refusal(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.')
        : Response.json({ token: 'QVdTIHB1YmxpYw==' }),
    ),
  ],
})

describe('ECR Public', () => {
  test.each(['probe', 'full'])('serves an image to anybody, at depth %s', async (depth) => {
    const arrived = await serve(gallery())
    expect((await look({ depth })).verdict).toEqual([0, [], []])
    const [token] = arrived.filter(({ host }) => host === tokenHost)
    expect(token?.path).toBe('/token/?service=public.ecr.aws&scope=aws')
  })

  test('answers 401 to HEAD of a blob and 200 to GET, which is noted and no fault', async () => {
    await serve(gallery())
    const { verdict, report } = await look({ depth: 'head' })
    expect(verdict).toEqual([0, [], ['head-unauthorized']])
    expect(report.targets[0]?.members[0]?.proof).toMatchObject({ listed: 0, lastByte: 2 })
  })

  test('serves an image to a login', async () => {
    await serve(gallery())
    expect((await look({ username: 'AWS', password: 'good' })).verdict).toEqual([0, [], []])
  })

  test('refuses a login that ran out, although a stranger may pull', async () => {
    await serve(gallery())
    const { verdict, words } = await look({ username: 'AWS', password: 'stale' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('Your authorization token has expired')
  })

  test('limits strangers, and nothing is said of the image', async () => {
    const headers = { 'retry-after': '0' }
    await serve(gallery({ before: () => refusal(429, 'TOOMANYREQUESTS', 'Data limit exceeded', headers) }))
    const { verdict, words } = await look()
    expect(verdict).toEqual([3, ['rate-limited'], ['requests-repeated']])
    expect(words).toContain('Data limit exceeded')
  })
})

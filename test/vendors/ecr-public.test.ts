import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  refusal,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/token/`
const bearer = `Bearer realm="${realm}",service="public.ecr.aws",scope="aws"`

/** ECR Public: a token for everyone, one scope, and HEAD of blobs refused (containers-roadmap#2671). */
const gallery = (change: Vendor = {}): Vendor => ({
  ...change,
  before: (request, about) => {
    if (!tokenOf(request)) return challenge(bearer)
    if (about.kind === 'blobs' && request.method === 'HEAD') return challenge(bearer)
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
  test.each(['probe', 'full'])('serves an image to everyone at depth %s', async (depth) => {
    const received = await serve(gallery())
    expect((await verifyImage({ depth })).verdict).toEqual([0, [], []])
    const [token] = received.filter(({ host }) => host === tokenHost)
    expect(token?.path).toBe('/token/?service=public.ecr.aws&scope=aws')
  })

  test('answers 401 to HEAD of a blob and 200 to GET, which is a note', async () => {
    await serve(gallery())
    const { verdict, report } = await verifyImage({ depth: 'head' })
    expect(verdict).toEqual([0, [], ['head-unauthorized']])
    expect(report.targets[0]?.members[0]?.proof).toMatchObject({ listed: 0, lastByte: 2 })
  })

  test('serves an image to a login', async () => {
    await serve(gallery())
    expect((await verifyImage({ username: 'AWS', password: 'good' })).verdict).toEqual([0, [], []])
  })

  test('refuses an expired login, although anonymous pulls are allowed', async () => {
    await serve(gallery())
    const { verdict, text } = await verifyImage({ username: 'AWS', password: 'stale' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain('Your authorization token has expired')
  })

  test('limits anonymous pulls, and the image is unknown', async () => {
    const headers = { 'retry-after': '0' }
    await serve(gallery({ before: () => refusal(429, 'TOOMANYREQUESTS', 'Data limit exceeded', headers) }))
    const { verdict, text } = await verifyImage()
    expect(verdict).toEqual([3, ['rate-limited'], ['requests-repeated']])
    expect(text).toContain('Data limit exceeded')
  })
})

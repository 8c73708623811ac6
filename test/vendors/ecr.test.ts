import { describe, expect, test } from 'vitest'
import {
  redirect,
  refusal,
  registryHost,
  signedStorage,
  signedUrl,
  storageHost,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
  without,
} from './vendor.ts'

const serve = useVendors()
const good = { username: 'AWS', password: 'eyJwYXlsb2FkIjoiZ29vZCJ9' }
const stale = { username: 'AWS', password: 'eyJwYXlsb2FkIjoic3RhbGUifQ' }

/** ECR: Basic, blobs in S3, and the digest of a manifest in responses to HEAD only. */
const ecr = (change: Vendor = {}): Vendor => ({
  ...change,
  before: (request, about) => {
    const user = userOf(request)
    if (!user || ![good.password, stale.password].includes(user.password)) {
      const challenge = `Basic realm="https://${registryHost}/",service="ecr.amazonaws.com"`
      return new Response('Not Authorized\n', { status: 401, headers: { 'www-authenticate': challenge } })
    }
    if (user.password === stale.password) {
      return refusal(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.')
    }
    const early = change.before?.(request, about)
    if (early) return early
    return about.kind === 'blobs' ? redirect(signedUrl(about)) : undefined
  },
  after: (answer, { method }) => (method === 'HEAD' ? answer : without(answer, 'docker-content-digest')),
  others: [signedStorage()],
})

describe('ECR', () => {
  test.each(['head', 'probe', 'full'])(
    'serves an image to the user AWS at depth %s, and S3 never gets the login',
    async (depth) => {
      const received = await serve(ecr())
      expect((await verifyImage({ ...good, depth })).verdict).toEqual([0, [], []])
      const stored = received.filter(({ host }) => host === storageHost)
      expect(stored.length).toBeGreaterThan(0)
      expect(stored.filter(({ headers }) => headers.has('authorization'))).toEqual([])
    },
  )

  test('may answer 405 to HEAD of a blob, which is a note', async () => {
    const before: Vendor['before'] = (_, { kind, method }) =>
      kind === 'blobs' && method === 'HEAD' ? new Response(null, { status: 405 }) : undefined
    await serve(ecr({ before }))
    expect((await verifyImage({ ...good, depth: 'head' })).verdict).toEqual([0, [], ['head-unsupported']])
  })

  test('refuses a request without a login', async () => {
    await serve(ecr())
    expect((await verifyImage()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a foreign token, which is not printed', async () => {
    await serve(ecr())
    const { verdict, text } = await verifyImage({ username: 'AWS', password: 'no-such-token' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).not.toContain('no-such-token')
  })

  test('refuses a token after twelve hours with its own message', async () => {
    await serve(ecr())
    const { verdict, text } = await verifyImage(stale)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(text).toContain('Your authorization token has expired')
    expect(text).not.toContain(stale.password)
  })

  test('refuses an account without pull rights with its own message', async () => {
    const message = 'User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:BatchGetImage'
    await serve(ecr({ before: () => refusal(403, 'DENIED', message) }))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(text).toContain('ecr:BatchGetImage')
  })

  test.each([
    ['MANIFEST_UNKNOWN', 'Requested image not found'],
    ['NAME_UNKNOWN', "The repository with name 'team/app' does not exist in the registry with id '1'"],
  ])('answers 404 %s to a login for a missing tag', async (code, message) => {
    await serve(ecr({ tags: {}, missing: () => refusal(404, code, message) }))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(text).toContain(`404 ${code}`)
  })

  test('throttles, and the image is unknown', async () => {
    const headers = { 'retry-after': '0' }
    await serve(ecr({ before: () => refusal(429, 'TOOMANYREQUESTS', 'Rate exceeded', headers) }))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([3, ['rate-limited'], ['requests-repeated']])
    expect(text).toContain('Rate exceeded')
  })
})

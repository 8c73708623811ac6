import { describe, expect, test } from 'vitest'
import {
  look,
  redirect,
  refusal,
  registryHost,
  signedPlace,
  signedStorage,
  storageHost,
  userOf,
  useVendors,
  type Vendor,
  without,
} from './vendor.ts'

const serve = useVendors()
const good = { username: 'AWS', password: 'eyJwYXlsb2FkIjoiZ29vZCJ9' }
const stale = { username: 'AWS', password: 'eyJwYXlsb2FkIjoic3RhbGUifQ' }

/** A registry of ECR: Basic, blobs in S3, and the digest of a manifest in the answer to HEAD alone. */
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
    return about.kind === 'blobs' ? redirect(signedPlace(about)) : undefined
  },
  after: (answer, { method }) => (method === 'HEAD' ? answer : without(answer, 'docker-content-digest')),
  others: [signedStorage()],
})

describe('ECR', () => {
  test.each(['head', 'probe', 'full'])(
    'serves an image to the user AWS, and S3 never sees the login, at depth %s',
    async (depth) => {
      const arrived = await serve(ecr())
      expect((await look({ ...good, depth })).verdict).toEqual([0, [], []])
      const stored = arrived.filter(({ host }) => host === storageHost)
      expect(stored.length).toBeGreaterThan(0)
      expect(stored.filter(({ headers }) => headers.has('authorization'))).toEqual([])
    },
  )

  test('may answer 405 to HEAD of a blob, which is noted', async () => {
    const before: Vendor['before'] = (_, { kind, method }) =>
      kind === 'blobs' && method === 'HEAD' ? new Response(null, { status: 405 }) : undefined
    await serve(ecr({ before }))
    expect((await look({ ...good, depth: 'head' })).verdict).toEqual([0, [], ['head-unsupported']])
  })

  test('tells a stranger nothing', async () => {
    await serve(ecr())
    expect((await look()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses what is no token of its own, which is not repeated', async () => {
    await serve(ecr())
    const { verdict, words } = await look({ username: 'AWS', password: 'no-such-token' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).not.toContain('no-such-token')
  })

  test('refuses a token of twelve hours ago in its own words', async () => {
    await serve(ecr())
    const { verdict, words } = await look(stale)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(words).toContain('Your authorization token has expired')
    expect(words).not.toContain(stale.password)
  })

  test('refuses an account without the right to pull in its own words', async () => {
    const message = 'User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:BatchGetImage'
    await serve(ecr({ before: () => refusal(403, 'DENIED', message) }))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(words).toContain('ecr:BatchGetImage')
  })

  test.each([
    ['MANIFEST_UNKNOWN', 'Requested image not found'],
    ['NAME_UNKNOWN', "The repository with name 'team/app' does not exist in the registry with id '1'"],
  ])('says 404 %s to a login for a tag that is not there', async (code, message) => {
    await serve(ecr({ tags: {}, missing: () => refusal(404, code, message) }))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(words).toContain(`404 ${code}`)
  })

  test('throttles, and nothing is said of the image', async () => {
    const headers = { 'retry-after': '0' }
    await serve(ecr({ before: () => refusal(429, 'TOOMANYREQUESTS', 'Rate exceeded', headers) }))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([3, ['rate-limited'], ['requests-repeated']])
    expect(words).toContain('Rate exceeded')
  })
})

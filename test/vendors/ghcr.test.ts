import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  healthy,
  redirect,
  refusal,
  registryHost,
  signedStorage,
  signedUrl,
  storageHost,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/token`
const good = { username: 'octocat', password: 'ghp_good' }

/** GHCR: tokens per package, blobs at URLs that are signed for GET. */
const ghcr = (change: Vendor = {}, visibility: 'public' | 'private' = 'public'): Vendor => ({
  ...change,
  before: (request, about) => {
    const scope = `repository:${about.name}:pull`
    if (!tokenOf(request)) return challenge(`Bearer realm="${realm}",service="ghcr.io",scope="${scope}"`)
    return (
      change.before?.(request, about) ??
      (about.kind === 'blobs' && request.method === 'GET' ? redirect(signedUrl(about)) : undefined)
    )
  },
  others: [
    signedStorage(),
    http.get(realm, ({ request }) => {
      const user = userOf(request)
      if (user && user.password !== good.password) return refusal(403, 'DENIED', 'denied')
      if (!user && visibility === 'private') {
        return refusal(403, 'DENIED', 'requested access to the resource is denied')
      }
      return Response.json({ token: user ? 'djE6c2VjcmV0' : 'djE6YW5vbnltb3Vz' })
    }),
  ],
})

describe('GHCR', () => {
  test.each(['head', 'probe', 'full'])('serves a public image to everyone at depth %s', async (depth) => {
    await serve(ghcr())
    expect((await verifyImage({ depth })).verdict).toEqual([0, [], []])
  })

  test('serves a private image to a login, which its storage never gets', async () => {
    const received = await serve(ghcr({}, 'private'))
    expect((await verifyImage(good)).verdict).toEqual([0, [], []])
    const stored = received.filter(({ host }) => host === storageHost)
    expect(stored.length).toBeGreaterThan(0)
    expect(stored.filter(({ headers }) => headers.has('authorization'))).toEqual([])
  })

  test('refuses a private image without a login', async () => {
    await serve(ghcr({}, 'private'))
    const { verdict, text } = await verifyImage()
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect(text).toContain('requested access to the resource is denied')
  })

  test('refuses an expired access token, which is not printed', async () => {
    await serve(ghcr())
    const { verdict, text } = await verifyImage({ username: 'octocat', password: 'ghp_stale' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain('octocat')
    expect(text).not.toContain('ghp_stale')
  })

  test('refuses an access token without the scope for packages with its own message', async () => {
    const message = 'permission_denied: The token provided does not match expected scopes.'
    await serve(ghcr({ before: () => refusal(403, 'DENIED', message) }, 'private'))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(text).toContain(message)
  })
})

describe('a push that GHCR shows with a delay', () => {
  const late = (refusals: number): Vendor => {
    let requests = 0
    return ghcr({
      before: (_, { kind, what }) => {
        if (kind !== 'manifests' || what !== '1') return undefined
        requests += 1
        return requests > refusals ? undefined : refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
      },
    })
  }
  const expect_digest = healthy.index.manifest.digest

  test('passes with time to settle', async () => {
    await serve(late(2))
    const { verdict, report } = await verifyImage({ settle: '10s', expect_digest })
    expect(verdict).toEqual([0, [], []])
    expect(report.durationMs).toBeGreaterThan(1500)
  })

  test('is tag-missing without it', async () => {
    await serve(late(2))
    expect((await verifyImage({ expect_digest })).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('is tag-missing after that time, with the seconds and the pushed digest', async () => {
    await serve(late(Number.POSITIVE_INFINITY))
    const { verdict, text } = await verifyImage({ settle: '1s', expect_digest })
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(text).toMatch(/404 MANIFEST_UNKNOWN for 1(\.\d)? s/)
    expect(text).toContain(`${expect_digest} (expect_digest)`)
    expect(text).toContain(`${registryHost}/team/app has 1 tag: 1`)
  })
})

import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  healthy,
  look,
  redirect,
  refusal,
  registryHost,
  signedPlace,
  signedStorage,
  storageHost,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/token`
const good = { username: 'octocat', password: 'ghp_good' }

/** GitHub's registry: tokens by package, blobs at an address that is signed for GET. */
const ghcr = (change: Vendor = {}, visibility: 'public' | 'private' = 'public'): Vendor => ({
  ...change,
  before: (request, about) => {
    const scope = `repository:${about.name}:pull`
    if (!tokenOf(request)) return challenge(`Bearer realm="${realm}",service="ghcr.io",scope="${scope}"`)
    return (
      change.before?.(request, about) ??
      (about.kind === 'blobs' && request.method === 'GET' ? redirect(signedPlace(about)) : undefined)
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
  test.each(['head', 'probe', 'full'])('serves a public image to anybody, at depth %s', async (depth) => {
    await serve(ghcr())
    expect((await look({ depth })).verdict).toEqual([0, [], []])
  })

  test('serves a private image to a login, and its storage never sees that', async () => {
    const arrived = await serve(ghcr({}, 'private'))
    expect((await look(good)).verdict).toEqual([0, [], []])
    const stored = arrived.filter(({ host }) => host === storageHost)
    expect(stored.length).toBeGreaterThan(0)
    expect(stored.filter(({ headers }) => headers.has('authorization'))).toEqual([])
  })

  test('tells nothing of a private image to a stranger', async () => {
    await serve(ghcr({}, 'private'))
    const { verdict, words } = await look()
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect(words).toContain('requested access to the resource is denied')
  })

  test('refuses an access token that ran out, and the token is not repeated', async () => {
    await serve(ghcr())
    const { verdict, words } = await look({ username: 'octocat', password: 'ghp_stale' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('octocat')
    expect(words).not.toContain('ghp_stale')
  })

  test('refuses an access token that may not read packages, in words of its own', async () => {
    const message = 'permission_denied: The token provided does not match expected scopes.'
    await serve(ghcr({ before: () => refusal(403, 'DENIED', message) }, 'private'))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(words).toContain(message)
  })
})

describe('a push that GHCR shows late', () => {
  const late = (refusals: number): Vendor => {
    let asked = 0
    return ghcr({
      before: (_, { kind, what }) => {
        if (kind !== 'manifests' || what !== '1') return undefined
        asked += 1
        return asked > refusals ? undefined : refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
      },
    })
  }
  const expect_digest = healthy.index.manifest.digest

  test('passes when there is time to settle', async () => {
    await serve(late(2))
    const { verdict, report } = await look({ settle: '10s', expect_digest })
    expect(verdict).toEqual([0, [], []])
    expect(report.durationMs).toBeGreaterThan(1500)
  })

  test('is a missing tag when there is none', async () => {
    await serve(late(2))
    expect((await look({ expect_digest })).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('is a missing tag after that time, told with the seconds and the digest of the push', async () => {
    await serve(late(Number.POSITIVE_INFINITY))
    const { verdict, words } = await look({ settle: '1s', expect_digest })
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(words).toMatch(/404 MANIFEST_UNKNOWN for 1(\.\d)? s/)
    expect(words).toContain(`${expect_digest} (expect_digest)`)
    expect(words).toContain(`${registryHost}/team/app has 1 tag: 1`)
  })
})

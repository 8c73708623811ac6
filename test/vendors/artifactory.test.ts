import { describe, expect, test } from 'vitest'
import {
  challenge,
  look,
  redirect,
  refusal,
  registryHost,
  signedPlace,
  signedStorage,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

const serve = useVendors()
const path = '/artifactory/api/docker/docker-local/v2/token'
const good = { username: 'ci', password: 'artifactory-key' }

/** Artifactory: its token service lies under a path of the registry, and its errors may have no code. */
const artifactory = (change: Vendor = {}, open = false): Vendor => ({
  ...change,
  before: (request, about) => {
    const url = new URL(request.url)
    if (url.pathname === path) {
      const user = userOf(request)
      if (!user && !open) return refusal(401, 'UNAUTHORIZED', 'authentication required')
      if (user && user.password !== good.password) {
        return Response.json({ errors: [{ status: 401, message: 'Bad Credentials' }] }, { status: 401 })
      }
      return Response.json({ token: 'eyJ2ZXIiOiIyIn0', expires_in: 3600 })
    }
    if (!tokenOf(request)) {
      const scope = `repository:${about.name}:pull`
      return challenge(
        `Bearer realm="http://${registryHost}${path}",service="${registryHost}",scope="${scope}"`,
      )
    }
    const early = change.before?.(request, about)
    if (early) return early
    return about.kind === 'blobs' && request.method === 'GET' ? redirect(signedPlace(about), 302) : undefined
  },
  others: [signedStorage()],
})

describe('Artifactory', () => {
  test.each([
    ['anybody', {}, true],
    ['a login', good, false],
  ])('serves an image to %s', async (_, who, open) => {
    await serve(artifactory({}, open))
    for (const depth of ['head', 'probe', 'full']) {
      expect((await look({ ...who, depth })).verdict).toEqual([0, [], []])
    }
  })

  test('tells a stranger nothing', async () => {
    await serve(artifactory())
    expect((await look()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong key in words without a code', async () => {
    await serve(artifactory())
    const { verdict, words } = await look({ ...good, password: 'artifactory-old' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('said: Bad Credentials')
    expect(words).not.toContain('artifactory-old')
  })

  test('refuses a login that may not read the repository', async () => {
    await serve(
      artifactory({
        before: () => refusal(403, 'DENIED', 'The client does not have permission for manifest'),
      }),
    )
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(words).toContain('does not have permission for manifest')
  })

  test('knows no such tag', async () => {
    const message = 'The named manifest is not known to the registry.'
    await serve(artifactory({ tags: {}, missing: () => refusal(404, 'MANIFEST_UNKNOWN', message) }))
    expect((await look(good)).verdict).toEqual([1, ['tag-missing'], []])
  })
})

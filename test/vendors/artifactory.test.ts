import { describe, expect, test } from 'vitest'
import {
  challenge,
  redirect,
  refusal,
  registryHost,
  signedStorage,
  signedUrl,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const path = '/artifactory/api/docker/docker-local/v2/token'
const good = { username: 'ci', password: 'artifactory-key' }

/** Artifactory: the token server is a path of the registry, and errors may have no code. */
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
    return about.kind === 'blobs' && request.method === 'GET' ? redirect(signedUrl(about), 302) : undefined
  },
  others: [signedStorage()],
})

describe('Artifactory', () => {
  test.each([
    ['everyone', {}, true],
    ['a login', good, false],
  ])('serves an image to %s', async (_, login, open) => {
    await serve(artifactory({}, open))
    for (const depth of ['head', 'probe', 'full']) {
      expect((await verifyImage({ ...login, depth })).verdict).toEqual([0, [], []])
    }
  })

  test('refuses a request without a login', async () => {
    await serve(artifactory())
    expect((await verifyImage()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong key with a message without a code', async () => {
    await serve(artifactory())
    const { verdict, text } = await verifyImage({ ...good, password: 'artifactory-old' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain(': Bad Credentials')
    expect(text).not.toContain('artifactory-old')
  })

  test('refuses a login that may not read the repository', async () => {
    await serve(
      artifactory({
        before: () => refusal(403, 'DENIED', 'The client does not have permission for manifest'),
      }),
    )
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(text).toContain('does not have permission for manifest')
  })

  test('has no such tag', async () => {
    const message = 'The named manifest is not known to the registry.'
    await serve(artifactory({ tags: {}, missing: () => refusal(404, 'MANIFEST_UNKNOWN', message) }))
    expect((await verifyImage(good)).verdict).toEqual([1, ['tag-missing'], []])
  })
})

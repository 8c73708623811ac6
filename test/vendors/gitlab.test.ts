import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  redirect,
  refusal,
  signedStorage,
  signedUrl,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/jwt/auth`
const good = { username: 'gitlab-ci-token', password: 'glcbt-good' }

/** GitLab: the application issues tokens and decides on access; blobs are in object storage. */
const gitlab = (change: Vendor = {}, access: { open?: boolean; may?: boolean } = {}): Vendor => ({
  ...change,
  before: (request, about) => {
    const scope = `repository:${about.name}:pull`
    const bearer = `Bearer realm="${realm}",service="container_registry",scope="${scope}"`
    const token = tokenOf(request)
    if (!token) return challenge(bearer)
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    if (!claims.includes('"pull"')) return challenge(`${bearer},error="insufficient_scope"`)
    const early = change.before?.(request, about)
    if (early) return early
    return about.kind === 'blobs' && request.method === 'GET' ? redirect(signedUrl(about)) : undefined
  },
  others: [
    signedStorage(),
    http.get(realm, ({ request }) => {
      const user = userOf(request)
      if (user && user.password !== good.password)
        return refusal(401, 'UNAUTHORIZED', 'HTTP Basic: Access denied')
      if (!user && !access.open) return refusal(403, 'DENIED', 'access forbidden')
      const [type, name] = (new URL(request.url).searchParams.get('scope') ?? '').split(':')
      const granted = access.may === false ? [] : [{ type, name, actions: ['pull'] }]
      return Response.json({
        token: `e30.${Buffer.from(JSON.stringify({ access: granted })).toString('base64url')}.c2ln`,
      })
    }),
  ],
})

describe('GitLab', () => {
  test.each([
    ['everyone from a public project', {}, { open: true }],
    ['the token of a job', good, {}],
  ])('serves an image to %s', async (_, login, access) => {
    const received = await serve(gitlab({}, access))
    for (const depth of ['head', 'probe', 'full']) {
      expect((await verifyImage({ ...login, depth })).verdict).toEqual([0, [], []])
    }
    const [token] = received.filter(({ host }) => host === tokenHost)
    expect(token?.path).toContain('service=container_registry&scope=repository%3Ateam%2Fapp%3Apull')
  })

  test('refuses a private project without a login', async () => {
    await serve(gitlab())
    const { verdict, text } = await verifyImage()
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect(text).toContain('access forbidden')
  })

  test('issues the job of another project a token without access', async () => {
    await serve(gitlab({}, { may: false }))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([3, ['insufficient-scope'], []])
    expect(text).toContain('required scope: repository:team/app:pull')
  })

  test('refuses the token of a finished job, which is not printed', async () => {
    await serve(gitlab())
    const { verdict, text } = await verifyImage({ ...good, password: 'glcbt-over' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain('HTTP Basic: Access denied')
    expect(text).not.toContain('glcbt-over')
  })

  test('has no such tag', async () => {
    await serve(gitlab({ tags: {} }))
    expect((await verifyImage(good)).verdict).toEqual([1, ['tag-missing'], []])
  })
})

import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import {
  challenge,
  look,
  redirect,
  refusal,
  signedPlace,
  signedStorage,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/jwt/auth`
const good = { username: 'gitlab-ci-token', password: 'glcbt-good' }

/** GitLab: tokens from the application, which alone knows who may do what; blobs lie in object storage. */
const gitlab = (change: Vendor = {}, who: { open?: boolean; may?: boolean } = {}): Vendor => ({
  ...change,
  before: (request, about) => {
    const scope = `repository:${about.name}:pull`
    const asks = `Bearer realm="${realm}",service="container_registry",scope="${scope}"`
    const token = tokenOf(request)
    if (!token) return challenge(asks)
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    if (!claims.includes('"pull"')) return challenge(`${asks},error="insufficient_scope"`)
    const early = change.before?.(request, about)
    if (early) return early
    return about.kind === 'blobs' && request.method === 'GET' ? redirect(signedPlace(about)) : undefined
  },
  others: [
    signedStorage(),
    http.get(realm, ({ request }) => {
      const user = userOf(request)
      if (user && user.password !== good.password)
        return refusal(401, 'UNAUTHORIZED', 'HTTP Basic: Access denied')
      if (!user && !who.open) return refusal(403, 'DENIED', 'access forbidden')
      const [type, name] = (new URL(request.url).searchParams.get('scope') ?? '').split(':')
      const access = who.may === false ? [] : [{ type, name, actions: ['pull'] }]
      return Response.json({
        token: `e30.${Buffer.from(JSON.stringify({ access })).toString('base64url')}.c2ln`,
      })
    }),
  ],
})

describe('GitLab', () => {
  test.each([
    ['anybody from a public project', {}, { open: true }],
    ['the token of a job', good, {}],
  ])('serves an image to %s', async (_, login, who) => {
    const arrived = await serve(gitlab({}, who))
    for (const depth of ['head', 'probe', 'full']) {
      expect((await look({ ...login, depth })).verdict).toEqual([0, [], []])
    }
    const [token] = arrived.filter(({ host }) => host === tokenHost)
    expect(token?.path).toContain('service=container_registry&scope=repository%3Ateam%2Fapp%3Apull')
  })

  test('tells a stranger nothing of a private project', async () => {
    await serve(gitlab())
    const { verdict, words } = await look()
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect(words).toContain('access forbidden')
  })

  test('gives the job of another project a token that opens nothing', async () => {
    await serve(gitlab({}, { may: false }))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([3, ['insufficient-scope'], []])
    expect(words).toContain('scope wanted: repository:team/app:pull')
  })

  test('refuses the token of a job that is over, which is not repeated', async () => {
    await serve(gitlab())
    const { verdict, words } = await look({ ...good, password: 'glcbt-over' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('HTTP Basic: Access denied')
    expect(words).not.toContain('glcbt-over')
  })

  test('knows no such tag, nor such a repository', async () => {
    await serve(gitlab({ tags: {} }))
    expect((await look(good)).verdict).toEqual([1, ['tag-missing'], []])
  })
})

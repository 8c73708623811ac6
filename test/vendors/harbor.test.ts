import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import { causeIds, noteIds, verifyCatalog } from '../support/verify.ts'
import {
  challenge,
  refusal,
  registryHost,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
  verifyImage,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/service/token`
const good = { username: 'robot$ci', password: 'harbor-secret' }
const admin = { username: 'admin', password: 'harbor-admin' }

/** The user of a request with the right password. */
const knownOf = (request: Request) => {
  const user = userOf(request)
  return [good, admin].find((one) => one.username === user?.user && one.password === user.password)
}

/** Harbor: tokens from its core, responses from its database, and its own messages for missing objects. */
const harbor = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ...change,
  before: (request, about) => {
    if (about.kind === 'other') return harborApi(request)
    const scope = `repository:${about.name}:pull`
    const token = tokenOf(request)
    if (!token || !may(token.replace('token-of-', ''))) {
      return challenge(`Bearer realm="${realm}",service="harbor-registry",scope="${scope}"`)
    }
    return change.before?.(request, about)
  },
  others: [
    http.get(realm, ({ request }) => {
      const user = userOf(request)
      if (user && !knownOf(request)) return refusal(401, 'UNAUTHORIZED', 'unauthorized')
      const token = `token-of-${user?.user ?? 'nobody'}`
      return Response.json({ token, access_token: '', expires_in: 1800, issued_at: '2026-01-01T00:00:00Z' })
    }),
  ],
})

/** Harbor's own endpoints, always with Basic: `/v2/` for every user, the catalog for administrators. */
function harborApi(request: Request): Response {
  const known = knownOf(request)
  const catalog = new URL(request.url).pathname === '/v2/_catalog'
  if (catalog && known === admin) return Response.json({ repositories: ['team/app'] })
  if (!catalog && known) return Response.json({})
  return refusal(401, 'UNAUTHORIZED', catalog ? 'unauthorized to list catalog' : 'unauthorized', {
    'www-authenticate': 'Basic realm="harbor"',
  })
}

describe('the catalog of Harbor', () => {
  const verifyWith = async (settings: Record<string, string>) => {
    const report = await verifyCatalog(registryHost, { settings })
    const text = JSON.stringify(report)
    expect(text).not.toContain('harbor-')
    return { text, verdict: [report.exitCode, causeIds(report), noteIds(report)] }
  }

  test('is served to an administrator', async () => {
    await serve(harbor())
    expect((await verifyWith(admin)).verdict).toEqual([0, [], []])
  })

  test('is refused to a robot, although its login is valid', async () => {
    const received = await serve(harbor())
    const { verdict, text } = await verifyWith(good)
    expect(verdict).toEqual([3, ['catalog-inaccessible'], []])
    expect(text).toContain('it accepts the login, but does not allow it to list repositories')
    expect(text).toContain('unauthorized to list catalog')
    expect(received.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/v2/_catalog?n=100 401',
      '/v2/_catalog?n=100 401',
      '/v2/ 200',
    ])
  })

  test('with a wrong password is bad-credentials', async () => {
    await serve(harbor())
    const { verdict } = await verifyWith({ ...good, password: 'harbor-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
  })
})

describe('Harbor', () => {
  test.each([
    ['everyone from a public project', {}, 'robot$ci nobody'],
    ['a robot from a private project', good, 'robot$ci'],
  ])('serves an image to %s', async (_, login, allowed) => {
    await serve(harbor({}, (user) => allowed.includes(user)))
    expect((await verifyImage(login)).verdict).toEqual([0, [], []])
  })

  test.each([
    ['NOT_FOUND', 'artifact team/app:1 not found'],
    ['UNKNOWN', 'unknown: artifact team/app:1 not found'],
    ['MANIFEST_UNKNOWN', 'manifest unknown'],
  ])('answers %s to a robot for a missing tag', async (code, message) => {
    await serve(harbor({ tags: {}, missing: () => refusal(404, code, message) }))
    const { verdict, text } = await verifyImage(good)
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(text).toContain(`404 ${code}`)
  })

  test('refuses a private project without a login', async () => {
    await serve(harbor({}, (user) => user === good.username))
    expect((await verifyImage()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong secret of a robot, which is not printed', async () => {
    await serve(harbor())
    const { verdict, text } = await verifyImage({ ...good, password: 'harbor-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(text).toContain('robot$ci')
    expect(text).not.toContain('harbor-wrong')
  })

  test.each([
    [173, 'ahead of'],
    [-3600, 'behind'],
  ])('with a clock that is %i s off rejects new tokens, which is clock-skew', async (seconds, way) => {
    const date = () => new Date(Date.now() + seconds * 1000).toUTCString()
    const before = () =>
      refusal(401, 'UNAUTHORIZED', 'token used before issued', {
        'www-authenticate': `Bearer realm="${realm}",service="harbor-registry",error="invalid_token"`,
        date: date(),
      })
    await serve(harbor({ before }))
    const { verdict, text, report } = await verifyImage(good)
    expect(verdict).toEqual([3, ['clock-skew'], []])
    const skew = Number(/clock is (\d+) s/.exec(text)?.[1])
    expect(Math.abs(skew - Math.abs(seconds))).toBeLessThan(30)
    expect(text).toContain(`s ${way} this machine's`)
    expect(report.causes[0]?.advice).toContain('NTP')
  })
})

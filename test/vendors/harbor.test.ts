import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import { causeIds, noteIds, verifyCatalog } from '../support/verify.ts'
import {
  challenge,
  look,
  refusal,
  registryHost,
  tokenHost,
  tokenOf,
  userOf,
  useVendors,
  type Vendor,
} from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/service/token`
const good = { username: 'robot$ci', password: 'harbor-secret' }
const admin = { username: 'admin', password: 'harbor-admin' }

/** Who logs in with the right password. */
const knownOf = (request: Request) => {
  const user = userOf(request)
  return [good, admin].find((one) => one.username === user?.user && one.password === user.password)
}

/** Harbor: tokens from its core, answers from its database, and words of its own for what is not there. */
const harbor = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ...change,
  before: (request, about) => {
    if (about.kind === 'other') return harborItself(request)
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

/** What Harbor answers of itself: `/v2/` to whoever is logged in, the catalog to administrators; it asks for Basic there, always. */
function harborItself(request: Request): Response {
  const known = knownOf(request)
  const catalog = new URL(request.url).pathname === '/v2/_catalog'
  if (catalog && known === admin) return Response.json({ repositories: ['team/app'] })
  if (!catalog && known) return Response.json({})
  return refusal(401, 'UNAUTHORIZED', catalog ? 'unauthorized to list catalog' : 'unauthorized', {
    'www-authenticate': 'Basic realm="harbor"',
  })
}

describe('the catalog of Harbor', () => {
  const lookAt = async (settings: Record<string, string>) => {
    const report = await verifyCatalog(registryHost, { settings })
    const faultsOf = JSON.stringify(report)
    expect(faultsOf).not.toContain('harbor-')
    return { faultsOf, verdict: [report.exitCode, causeIds(report), noteIds(report)] }
  }

  test('is listed to an administrator', async () => {
    await serve(harbor())
    expect((await lookAt(admin)).verdict).toEqual([0, [], []])
  })

  test('is refused to a robot, whose login is good all the same', async () => {
    const arrived = await serve(harbor())
    const { verdict, faultsOf } = await lookAt(good)
    expect(verdict).toEqual([3, ['catalog-inaccessible'], []])
    expect(faultsOf).toContain('it accepts the login, but does not allow it to list repositories')
    expect(faultsOf).toContain('unauthorized to list catalog')
    expect(arrived.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/v2/_catalog?n=100 401',
      '/v2/_catalog?n=100 401',
      '/v2/ 200',
    ])
  })

  test('is refused to a wrong password, and that is told', async () => {
    await serve(harbor())
    const { verdict } = await lookAt({ ...good, password: 'harbor-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
  })
})

describe('Harbor', () => {
  test.each([
    ['a stranger from a public project', {}, 'robot$ci nobody'],
    ['a robot from a private project', good, 'robot$ci'],
  ])('serves an image to %s', async (_, who, allowed) => {
    await serve(harbor({}, (user) => allowed.includes(user)))
    expect((await look(who)).verdict).toEqual([0, [], []])
  })

  test.each([
    ['NOT_FOUND', 'artifact team/app:1 not found'],
    ['UNKNOWN', 'unknown: artifact team/app:1 not found'],
    ['MANIFEST_UNKNOWN', 'manifest unknown'],
  ])('says %s to a robot for a tag that is not there', async (code, message) => {
    await serve(harbor({ tags: {}, missing: () => refusal(404, code, message) }))
    const { verdict, words } = await look(good)
    expect(verdict).toEqual([1, ['tag-missing'], []])
    expect(words).toContain(`404 ${code}`)
  })

  test('hides a private project from a stranger', async () => {
    await serve(harbor({}, (user) => user === good.username))
    expect((await look()).verdict).toEqual([3, ['denied-or-missing'], []])
  })

  test('refuses a wrong secret of a robot, which is not repeated', async () => {
    await serve(harbor())
    const { verdict, words } = await look({ ...good, password: 'harbor-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(words).toContain('robot$ci')
    expect(words).not.toContain('harbor-wrong')
  })

  test.each([
    [173, 'ahead of'],
    [-3600, 'behind'],
  ])('refuses fresh tokens when its clock is %i s off, and the clocks are named', async (seconds, way) => {
    const date = () => new Date(Date.now() + seconds * 1000).toUTCString()
    const before = () =>
      refusal(401, 'UNAUTHORIZED', 'token used before issued', {
        'www-authenticate': `Bearer realm="${realm}",service="harbor-registry",error="invalid_token"`,
        date: date(),
      })
    await serve(harbor({ before }))
    const { verdict, words, report } = await look(good)
    expect(verdict).toEqual([3, ['clock-skew'], []])
    const faultsOf = Number(/its clock is (\d+) s/.exec(words)?.[1])
    expect(Math.abs(faultsOf - Math.abs(seconds))).toBeLessThan(4)
    expect(words).toContain(`s ${way} ours`)
    expect(report.causes[0]?.advice).toContain('NTP')
  })
})

import { http } from 'msw/http'
import { describe, expect, test } from 'vitest'
import { challenge, look, refusal, tokenHost, tokenOf, userOf, useVendors, type Vendor } from './vendor.ts'

const serve = useVendors()
const realm = `http://${tokenHost}/service/token`
const good = { username: 'robot$ci', password: 'harbor-secret' }

/** Harbor: tokens from its core, answers from its database, and words of its own for what is not there. */
const harbor = (change: Vendor = {}, may: (user: string) => boolean = () => true): Vendor => ({
  ...change,
  before: (request, about) => {
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
      if (user && user.password !== good.password) return refusal(401, 'UNAUTHORIZED', 'unauthorized')
      const token = `token-of-${user?.user ?? 'nobody'}`
      return Response.json({ token, access_token: '', expires_in: 1800, issued_at: '2026-01-01T00:00:00Z' })
    }),
  ],
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
    const told = Number(/its clock is (\d+) s/.exec(words)?.[1])
    expect(Math.abs(told - Math.abs(seconds))).toBeLessThan(4)
    expect(words).toContain(`s ${way} ours`)
    expect(report.causes[0]?.advice).toContain('NTP')
  })
})

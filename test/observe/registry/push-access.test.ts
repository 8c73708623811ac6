import { describe, expect, test } from 'vitest'
import type { AuthMode } from '../../../src/fake-registry/auth.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import type { Report } from '../../../src/report/schema.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { challenging, login, pushSmall, tokenRequests, users } from './people.ts'

const start = useRegistries()
const readable = { kind: 'bearer', users, readable: true } as const
const asked = 'repository:app:pull,push'

async function verify(registry: EmbeddedRegistry, settings: Record<string, string> = login): Promise<Report> {
  const { reference } = pushSmall(registry)
  const report = await verifyImages([reference], { settings: { push_access: 'true', ...settings } })
  const sent = registry.requests.map(({ method, path }) => `${method} ${path}`)
  expect(sent.filter((line) => !/^(GET|HEAD) /.test(line) || line.includes('uploads'))).toEqual([])
  return report
}

describe('with push_access, the right to push', () => {
  test('is granted by a token that shows it', async () => {
    const report = await verify(await start({ auth: { ...readable, pushes: { ann: ['app'] } } }))
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(report.push).toMatchObject([{ state: 'granted', scope: asked }])
  })

  test('is a finding where the token leaves it out', async () => {
    const report = await verify(await start({ auth: { ...readable, pushes: { ann: ['other'] } } }))
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['push-not-granted']])
    expect(report.push).toMatchObject([{ state: 'refused', scope: 'repository:app:pull' }])
    expect(report.causes[0]?.findings).toMatchObject([{ expected: asked, actual: 'repository:app:pull' }])
  })

  test('is a finding where the token server refuses only the scope with push', async () => {
    const registry = await start({ auth: readable })
    registry.faults.add({ path: /^\/token.*push/ }, { status: 403 })
    const report = await verify(registry)
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['push-not-granted']])
  })

  test('is not there without a login', async () => {
    const report = await verify(await start({ auth: { ...readable, anonymousPull: true } }), {})
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['push-not-granted']])
  })

  test('is found by the challenge of the root where everybody may pull', async () => {
    const registry = await start({ auth: { kind: 'none' } })
    const challenge = `Bearer realm="http://${registry.host}/token",service="x"`
    registry.faults.add({ path: /^\/v2\/$/ }, challenging(challenge))
    const token = `a.${Buffer.from(JSON.stringify({ access: [] })).toString('base64url')}.b`
    registry.faults.add({ path: /^\/token/ }, { status: 200, body: { token } })
    const report = await verify(registry)
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['push-not-granted']])
    expect(report.push).toMatchObject([{ scope: 'nothing' }])
  })

  test.each<[string, AuthMode, string]>([
    ['an opaque token', { kind: 'bearer', users }, 'the token is opaque'],
    ["Forgejo's token", { kind: 'forgejo', users }, 'the token is opaque'],
    ['Basic authentication', { kind: 'basic', users }, 'the registry uses Basic authentication'],
    ['a registry without logins', { kind: 'none' }, 'the registry required no login'],
  ])('is unknown with %s, and no finding', async (_what, auth, why) => {
    const report = await verify(await start({ auth }))
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(report.push).toMatchObject([{ state: 'unknown', why: expect.stringContaining(why) }])
  })

  test('is unknown where the login is refused, and that is the only finding', async () => {
    const report = await verify(await start({ auth: readable }), { ...login, password: 'wrong' })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(report.push).toMatchObject([{ state: 'unknown' }])
  })

  test('is requested once per repository, and only if it is asked for', async () => {
    const registry = await start({ auth: readable })
    const report = await verify(registry, { ...login, push_access: 'false' })
    expect(report.push).toBeUndefined()
    expect(tokenRequests(registry)).toBe(1)
    await verify(registry)
    expect(tokenRequests(registry)).toBe(3)
  })
})

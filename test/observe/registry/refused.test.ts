import { describe, expect, test } from 'vitest'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { challenging, login, pushApp, pushSmall, tokenRequests, users } from './people.ts'

const start = useRegistries()
const manifest = '/v2/app/manifests/1'

describe('a login that is refused', () => {
  test.each([
    ['Basic', { kind: 'basic' as const, users }],
    ['a token server', { kind: 'bearer' as const, users }],
    ['Forgejo', { kind: 'forgejo' as const, users }],
  ])('by %s is told as bad credentials, and nothing is said of the image', async (_, auth) => {
    const registry = await start({ auth })
    const settings = { username: 'ann', password: 'mistyped-once' }
    const report = await verifyImages([pushApp(registry)], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(report.targets[0]?.status).toBe('unknown')
    expect(JSON.stringify(report)).toContain('user “ann” (username and password)')
    expect(JSON.stringify(report)).not.toContain('mistyped-once')
    expect(registry.requests.length).toBeLessThanOrEqual(3)
  })

  test.each([
    ['Basic', { kind: 'basic' as const, users }],
    ['a token server', { kind: 'bearer' as const, users }],
  ])('because there is none leaves open whether the image is there, by %s', async (_, auth) => {
    const registry = await start({ auth })
    const report = await verifyImages([pushApp(registry)])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
    expect(JSON.stringify(report.causes)).toContain('no credentials were sent')
  })

  test('for this repository alone is told as a scope that is too small, with the one that was wanted', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, grants: { ann: ['other'] } } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['insufficient-scope']])
    expect(JSON.stringify(report.causes)).toContain('scope wanted: repository:app:pull')
    expect(tokenRequests(registry)).toBe(1)
  })
})

describe('a 401', () => {
  test('without a challenge is told as that', async () => {
    const registry = await start()
    const image = pushApp(registry)
    registry.faults.add({ path: manifest }, challenging())
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['auth-challenge-missing']])
    expect(JSON.stringify(report.causes)).toContain('UNAUTHORIZED authentication required')
  })

  test.each([
    ['that wants Negotiate only', 'Negotiate'],
    ['without a realm', 'Bearer service="x"'],
    ['with an empty realm', 'Bearer realm=""'],
    ['with a realm that is no address', 'Bearer realm="https://"'],
    ['with a realm that is no web address', 'Bearer realm="ftp://127.0.0.1/token"'],
    ['with a realm of plain http elsewhere', 'Bearer realm="http://auth.invalid/token"'],
  ])('%s is told as a challenge that cannot be used, and no password is sent', async (_, challenge) => {
    const registry = await start()
    const image = pushApp(registry)
    registry.faults.add({ path: manifest }, challenging(challenge))
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['auth-challenge-invalid']])
    expect(registry.requests).toHaveLength(1)
  })

  test('that never ends is told as no access, after few requests', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    registry.faults.add({ path: manifest }, challenging(`Bearer realm="${registry.url}/token"`))
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
    expect(registry.requests.length).toBeLessThanOrEqual(6)
  })

  test('of one blob in the middle leaves the others seen', async () => {
    const registry = await start()
    const { reference, image } = pushSmall(registry)
    registry.faults.add({ digest: image.config.digest }, challenging())
    const report = await verifyImages([reference])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['auth-challenge-missing']])
    expect(report.totals).toMatchObject({ objects: 3, seen: 2 })
  })
})

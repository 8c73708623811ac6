import { describe, expect, test } from 'vitest'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { challenging, login, pushApp, pushSmall, tokenRequests, users } from './people.ts'

const start = useRegistries()
const manifest = '/v2/app/manifests/1'

describe('a refused login', () => {
  test.each([
    ['Basic', { kind: 'basic' as const, users }],
    ['a token server', { kind: 'bearer' as const, users }],
    ['Forgejo', { kind: 'forgejo' as const, users }],
  ])('(%s) is bad-credentials, and the image is unknown', async (_, auth) => {
    const registry = await start({ auth })
    const settings = { username: 'ann', password: 'wr0ng-pw' }
    const report = await verifyImages([pushApp(registry)], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(report.targets[0]?.status).toBe('unknown')
    expect(JSON.stringify(report)).toContain('user “ann” (from username and password)')
    expect(JSON.stringify(report)).not.toContain('wr0ng-pw')
    expect(registry.requests.length).toBeLessThanOrEqual(3)
  })

  test.each([
    ['Basic', { kind: 'basic' as const, users }],
    ['a token server', { kind: 'bearer' as const, users }],
  ])('without credentials (%s) is denied-or-missing', async (_, auth) => {
    const registry = await start({ auth })
    const report = await verifyImages([pushApp(registry)])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
    expect(JSON.stringify(report.causes)).toContain('no credentials were sent')
  })

  test('for one repository is insufficient-scope with the required scope', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, grants: { ann: ['other'] } } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['insufficient-scope']])
    expect(JSON.stringify(report.causes)).toContain('required scope: repository:app:pull')
    expect(tokenRequests(registry)).toBe(1)
  })
})

describe('a 401', () => {
  test('without a challenge is auth-challenge-missing', async () => {
    const registry = await start()
    const image = pushApp(registry)
    registry.faults.add({ path: manifest }, challenging())
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['auth-challenge-missing']])
    expect(JSON.stringify(report.causes)).toContain('UNAUTHORIZED authentication required')
  })

  test.each([
    ['with Negotiate only', 'Negotiate'],
    ['without a realm', 'Bearer service="x"'],
    ['with an empty realm', 'Bearer realm=""'],
    ['with a realm that is not a URL', 'Bearer realm="https://"'],
    ['with a realm that is not an http or https URL', 'Bearer realm="ftp://127.0.0.1/token"'],
    ['with a plain HTTP realm on another host', 'Bearer realm="http://auth.invalid/token"'],
  ])('%s is auth-challenge-invalid, and no password is sent', async (_, challenge) => {
    const registry = await start()
    const image = pushApp(registry)
    registry.faults.add({ path: manifest }, challenging(challenge))
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['auth-challenge-invalid']])
    expect(registry.requests).toHaveLength(1)
  })

  test('to every token is access-denied, after few requests', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const image = pushApp(registry)
    registry.faults.add({ path: manifest }, challenging(`Bearer realm="${registry.url}/token"`))
    const report = await verifyImages([image], { settings: login })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
    expect(registry.requests.length).toBeLessThanOrEqual(6)
  })

  test('for one blob does not keep the others from being verified', async () => {
    const registry = await start()
    const { reference, image } = pushSmall(registry)
    registry.faults.add({ digest: image.config.digest }, challenging())
    const report = await verifyImages([reference])
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['auth-challenge-missing']])
    expect(report.totals).toMatchObject({ objects: 3, seen: 2 })
  })
})

import { describe, expect, test } from 'vitest'
import { contentsOf } from '../../../src/fake-registry/images/images.ts'
import type { AuthMode, RequestLine } from '../../../src/fake-registry/registry.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { login, pushApp, pushSmall, users } from '../registry/people.ts'

const start = useRegistries()
const settings = { ...login, also_anonymous: 'true' }

/** Verifies an image with a login and without one. */
async function verifyBoth(auth: AuthMode) {
  const registry = await start({ auth })
  return verifyImages([pushApp(registry)], { settings })
}

describe('an image that must be public', () => {
  test.each([
    ['no authentication', { kind: 'none' as const }],
    ['Basic for pushes only', { kind: 'basic' as const, users, anonymousPull: true }],
    ['tokens for everyone', { kind: 'bearer' as const, users, anonymousPull: true }],
    [
      'tokens for everyone who asks for this repository',
      { kind: 'bearer' as const, users, anonymousPull: ['app'] },
    ],
    ['Forgejo tokens for everyone', { kind: 'forgejo' as const, users, anonymousPull: true }],
  ])('is public on a registry with %s', async (_, auth) => {
    const report = await verifyBoth(auth)
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })

  test.each([
    ['Basic', { kind: 'basic' as const, users }],
    ['tokens for users only', { kind: 'bearer' as const, users }],
    [
      'anonymous tokens that allow another repository',
      { kind: 'bearer' as const, users, anonymousPull: ['other'] },
    ],
    ['Forgejo tokens for users only', { kind: 'forgejo' as const, users }],
    [
      'anonymous Forgejo tokens that allow another repository',
      { kind: 'forgejo' as const, users, anonymousPull: ['other'] },
    ],
  ])('is not public on a registry with %s, although the login can pull it', async (_, auth) => {
    const report = await verifyBoth(auth)
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
    expect(report.causes[0]?.findings).toHaveLength(1)
  })

  const isAnonymous = ({ headers }: RequestLine) => headers.authorization === undefined
  test.each([
    ['its manifest answers 404', /\/manifests\/sha256:/, 404],
    ['its manifest answers 403', /\/manifests\/sha256:/, 403],
    ['its blobs answer 404', /\/blobs\//, 404],
    ['its blobs answer 403', /\/blobs\//, 403],
  ])('is not public if without a login %s', async (_, path, status) => {
    const registry = await start({ auth: { kind: 'basic', users, anonymousPull: true } })
    const { reference } = pushSmall(registry)
    // After the challenge for the tag the login is sent with every request.
    registry.faults.add(
      { path: /\/manifests\/1$/, when: isAnonymous },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    registry.faults.add({ path, when: isAnonymous }, { status, body: { errors: [{ code: 'X' }] } })
    const report = await verifyImages([reference], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
  })

  test('is unknown to be public if the registry fails without a login', async () => {
    const registry = await start({ auth: { kind: 'basic', users, anonymousPull: true } })
    const { reference } = pushSmall(registry)
    registry.faults.add(
      { path: /\/manifests\/1$/, when: isAnonymous },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    registry.faults.add({ path: /\/manifests\/sha256:/, when: isAnonymous }, { status: 500, body: 'boom' })
    const report = await verifyImages([reference], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['registry-error']])
    expect(JSON.stringify(report.causes)).toContain('without a login')
  })

  test('is not requested without a login unless also_anonymous is set', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect(report.exitCode).toBe(0)
    expect(registry.requests.filter(({ authorization }) => authorization === undefined)).toHaveLength(1)
  })

  test('is requested twice, the second time without a login for the token server', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: true } })
    await verifyImages([pushApp(registry)], { settings })
    const tokens = registry.requests.filter(({ path }) => path.startsWith('/token'))
    expect(tokens.map(({ authorization }) => authorization)).toEqual(['basic', undefined])
    expect(tokens[1]?.path).not.toContain('account')
  })

  test('but does not exist is tag-missing only', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const report = await verifyImages([`${registry.host}/app:none`], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['tag-missing']])
  })

  test('is reported per repository', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: ['open'] } })
    const { image } = pushSmall(registry, 'open')
    registry.store.push('closed', contentsOf(image), '1')
    const images = ['open', 'closed'].map((name) => `${registry.host}/${name}:1`)
    const report = await verifyImages(images, { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
    expect(report.causes[0]?.findings.map(({ subject }) => subject)).toEqual([`${registry.host}/closed`])
  })
})

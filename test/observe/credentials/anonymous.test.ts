import { describe, expect, test } from 'vitest'
import { contentsOf } from '../../../src/fake-registry/images/images.ts'
import type { AuthMode, RequestLine } from '../../../src/fake-registry/registry.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { login, pushApp, pushSmall, users } from '../registry/people.ts'

const start = useRegistries()
const settings = { ...login, also_anonymous: 'true' }

/** What the image must be public for: the report of a run that asks twice. */
async function verifyBoth(auth: AuthMode) {
  const registry = await start({ auth })
  return verifyImages([pushApp(registry)], { settings })
}

describe('an image that must be public', () => {
  test.each([
    ['no login at all', { kind: 'none' as const }],
    ['Basic, and nothing asked of those who pull', { kind: 'basic' as const, users, anonymousPull: true }],
    ['tokens for everyone', { kind: 'bearer' as const, users, anonymousPull: true }],
    [
      'tokens for everyone who asks for this repository',
      { kind: 'bearer' as const, users, anonymousPull: ['app'] },
    ],
    ['the tokens of Forgejo for everyone', { kind: 'forgejo' as const, users, anonymousPull: true }],
  ])('is, on a registry with %s', async (_, auth) => {
    const report = await verifyBoth(auth)
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })

  test.each([
    ['Basic', { kind: 'basic' as const, users }],
    ['tokens for users alone', { kind: 'bearer' as const, users }],
    [
      'anonymous tokens that allow another repository',
      { kind: 'bearer' as const, users, anonymousPull: ['other'] },
    ],
    ['the tokens of Forgejo for users alone', { kind: 'forgejo' as const, users }],
    [
      'anonymous tokens of Forgejo that allow another repository',
      { kind: 'forgejo' as const, users, anonymousPull: ['other'] },
    ],
  ])('is not, on a registry with %s, though the login pulls it', async (_, auth) => {
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
  ])('is not, when without a login %s', async (_, path, status) => {
    const registry = await start({ auth: { kind: 'basic', users, anonymousPull: true } })
    const { reference } = pushSmall(registry)
    // The login is used for everything once the tag was asked for.
    registry.faults.add(
      { path: /\/manifests\/1$/, when: isAnonymous },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    )
    registry.faults.add({ path, when: isAnonymous }, { status, body: { errors: [{ code: 'X' }] } })
    const report = await verifyImages([reference], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
  })

  test('is not known to be, when the registry fails without a login', async () => {
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

  test('is not asked about without a login when the setting is not there', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const report = await verifyImages([pushApp(registry)], { settings: login })
    expect(report.exitCode).toBe(0)
    expect(registry.requests.filter(({ authorization }) => authorization === undefined)).toHaveLength(1)
  })

  test('is asked for twice, and the second time no login is sent to the token server', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: true } })
    await verifyImages([pushApp(registry)], { settings })
    const tokens = registry.requests.filter(({ path }) => path.startsWith('/token'))
    expect(tokens.map(({ authorization }) => authorization)).toEqual(['basic', undefined])
    expect(tokens[1]?.path).not.toContain('account')
  })

  test('but is not there at all is missing, and nothing else', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const report = await verifyImages([`${registry.host}/app:none`], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['tag-missing']])
  })

  test('is told for each repository on its own', async () => {
    const registry = await start({ auth: { kind: 'bearer', users, anonymousPull: ['open'] } })
    const { image } = pushSmall(registry, 'open')
    registry.store.push('closed', contentsOf(image), '1')
    const images = ['open', 'closed'].map((name) => `${registry.host}/${name}:1`)
    const report = await verifyImages(images, { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
    expect(report.causes[0]?.findings.map(({ subject }) => subject)).toEqual([`${registry.host}/closed`])
  })
})

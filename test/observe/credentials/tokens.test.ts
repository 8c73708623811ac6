import { describe, expect, test } from 'vitest'
import type { AuthFile } from '../../../src/observe/credentials/auth-file.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { challenging, pushApp, pushSmall, users } from '../registry/people.ts'

const start = useRegistries()

/** The setting `docker_config` with one entry. */
const sourcesWith = (host: string, entry: NonNullable<AuthFile['auths']>[string]) => [
  { from: 'docker_config', auth: { auths: { [host]: entry }, credsStore: undefined } },
]

/** The token requests of a registry, as method and scheme. */
const tokensOf = (requests: { method: string; path: string; authorization: string | undefined }[]) =>
  requests
    .filter(({ path }) => /^(\/v2)?\/token\b/.test(path))
    .map(({ method, authorization }) => [method, authorization])

describe('an identity token', () => {
  const identityTokens = { 'id-canary': 'ann' }

  test('is exchanged by POST, in the form and not in a header', async () => {
    const registry = await start({ auth: { kind: 'bearer', identityTokens } })
    const authSources = sourcesWith(registry.host, { identitytoken: 'id-canary' })
    const secrets: string[] = []
    const report = await verifyImages([pushApp(registry)], { authSources, secrets })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(tokensOf(registry.requests)).toEqual([['POST', undefined]])
    expect(secrets).toContain('id-canary')
  })

  test('that is unknown is bad-credentials, with its kind and source', async () => {
    const registry = await start({ auth: { kind: 'bearer', identityTokens } })
    const authSources = sourcesWith(registry.host, { identitytoken: 'other-canary' })
    const report = await verifyImages([pushApp(registry)], { authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(JSON.stringify(report)).toContain('the identity token from docker_config')
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test.each([404, 405])('is sent by GET as the user <token> if POST answers %i', async (status) => {
    const registry = await start({ auth: { kind: 'bearer', users: { '<token>': 'id-canary' } } })
    registry.faults.add({ method: 'POST', path: '/token' }, { status, body: 'not here' })
    const authSources = sourcesWith(registry.host, { identitytoken: 'id-canary' })
    const report = await verifyImages([pushApp(registry)], { authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(tokensOf(registry.requests)).toEqual([
      ['POST', undefined],
      ['GET', 'basic'],
    ])
  })

  test('is sent by GET to Forgejo, whose POST is a stub', async () => {
    const registry = await start({ auth: { kind: 'forgejo', users: { '<token>': 'id-canary' } } })
    const authSources = sourcesWith(registry.host, { identitytoken: 'id-canary' })
    const report = await verifyImages([pushApp(registry)], { authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })

  test('is not sent to a registry that supports Basic only', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    const authSources = sourcesWith(registry.host, { identitytoken: 'id-canary' })
    const report = await verifyImages([pushApp(registry)], { authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(JSON.stringify(report)).toContain(
      'the registry requires a password, not the identity token from docker_config',
    )
    expect(registry.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
  })
})

describe('a password', () => {
  test('is sent by POST if GET is not supported', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    registry.faults.add({ method: 'GET', path: '/token' }, { status: 405, body: 'POST only' })
    const settings = { username: 'ann', password: users.ann }
    const report = await verifyImages([pushApp(registry)], { settings })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(tokensOf(registry.requests)).toEqual([
      ['GET', 'basic'],
      ['POST', undefined],
    ])
  })

  test('is not sent by POST after GET was refused', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const settings = { username: 'ann', password: 'wrong' }
    expect(causeIds(await verifyImages([pushApp(registry)], { settings }))).toEqual(['bad-credentials'])
    expect(tokensOf(registry.requests)).toEqual([['GET', 'basic']])
  })
})

describe('a registry token', () => {
  test('is sent as it is, without a token server', async () => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add(
      { path: /\/v2\/app\//, when: ({ headers }) => headers.authorization !== 'Bearer reg-canary' },
      challenging(`Bearer realm="${registry.url}/token",service="s"`),
    )
    const authSources = sourcesWith(registry.host, { registrytoken: 'reg-canary' })
    const report = await verifyImages([reference], { authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(tokensOf(registry.requests)).toEqual([])
  })

  test('that is refused is bad-credentials after one attempt', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const authSources = sourcesWith(registry.host, { registrytoken: 'reg-canary' })
    const report = await verifyImages([pushApp(registry)], { authSources })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
    expect(JSON.stringify(report)).toContain('the registry refused the registry token from docker_config')
    expect(JSON.stringify(report)).not.toContain('canary')
    expect(registry.requests).toHaveLength(2)
  })
})

import { createServer } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { AuthMode } from '../../src/fake-registry/registry.ts'
import { useRegistries, useServers } from '../observe/kit.ts'
import { pushImage, refusing, toldBy, verifyApp, wordsOf } from './told.ts'

const start = useRegistries()
const serve = useServers()
const users = { ann: 'right-secret' }
const login = { username: 'ann', password: users.ann }
const manifest = '/v2/app/manifests/1'

async function registryWith(auth: AuthMode) {
  const registry = await start({ auth })
  pushImage(registry)
  return registry
}

describe('a 401', () => {
  test('without a challenge lets one think of a proxy that strips it', async () => {
    const registry = await registryWith({ kind: 'none' })
    registry.faults.add({ path: manifest }, { status: 401 })
    const report = await verifyApp(registry, login)
    expect(toldBy(report)).toEqual([3, { 'auth-challenge-missing': 'error' }])
    expect(report.causes[0]?.advice).toMatch(/proxy.*strips the WWW-Authenticate header/)
  })

  test.each([
    ['Bearer service="x"', 'its challenge names no realm'],
    ['Bearer realm="ftp://127.0.0.1/token"', 'its realm uses ftp:'],
    ['Negotiate', 'WWW-Authenticate: Negotiate'],
  ])('with the challenge %s is told with what is wrong in it', async (challenge, words) => {
    const registry = await registryWith({ kind: 'none' })
    registry.faults.add({ path: manifest }, { status: 401, headers: { 'www-authenticate': challenge } })
    const report = await verifyApp(registry, login)
    expect(toldBy(report)).toEqual([3, { 'auth-challenge-invalid': 'error' }])
    expect(wordsOf(report, 'auth-challenge-invalid')).toContain(words)
  })
})

describe('a token server', () => {
  test('where nothing listens is named beside the registry, and so is ROOT_URL', async () => {
    const gone = await serve(createTcp())
    await gone.close()
    const registry = await registryWith({ kind: 'bearer', users, realm: `http://${gone.host}/token` })
    const report = await verifyApp(registry, login)
    expect(toldBy(report)).toEqual([3, { 'token-server-unreachable': 'error' }])
    const words = wordsOf(report, 'token-server-unreachable')
    expect(words).toContain(`${registry.host} sends clients to ${gone.host} for a token`)
    expect(report.causes[0]?.advice).toContain('ROOT_URL')
  })

  test.each([401, 403])(
    'that answers %i refuses the user by name and by source, without the secret',
    async (status) => {
      const registry = await registryWith({ kind: 'bearer', users })
      registry.faults.add({ path: /^\/token/ }, refusing(status, 'UNAUTHORIZED', 'no such user'))
      const report = await verifyApp(registry, login)
      expect(toldBy(report)).toEqual([3, { 'bad-credentials': 'error' }])
      expect(wordsOf(report, 'bad-credentials')).toContain('user “ann” (username and password)')
      expect(JSON.stringify(report)).not.toContain(users.ann)
    },
  )

  test.each([
    ['{"expires_in":60}', 'application/json', '(application/json) holds no token'],
    ['<html><title>Sign in</title>', 'text/html', 'it begins: <html><title>Sign in'],
    [`{"token":"${'x'.repeat(70_000)}"}`, 'application/json', '64 KiB'],
  ])('that answers %.20s… gives no token, and what came is told', async (body, type, words) => {
    const registry = await registryWith({ kind: 'bearer', users })
    registry.faults.add({ path: /^\/token/ }, { status: 200, body, headers: { 'content-type': type } })
    const report = await verifyApp(registry, login)
    expect(toldBy(report)).toEqual([3, { 'token-response-invalid': 'error' }])
    expect(wordsOf(report, 'token-response-invalid')).toContain(words)
  })

  test('whose token allows too little is told with the scopes wanted and granted', async () => {
    const access = [{ type: 'repository', name: 'other', actions: ['pull'] }]
    const token = `e30.${Buffer.from(JSON.stringify({ access })).toString('base64url')}.c2ln`
    const tokens = await serve(createServer((_, response) => response.end(JSON.stringify({ token }))))
    const registry = await registryWith({ kind: 'none' })
    const asks = `Bearer realm="http://${tokens.host}/token",service="s",scope="repository:app:pull"`
    registry.faults.add({ path: manifest, times: 1 }, { status: 401, headers: { 'www-authenticate': asks } })
    registry.faults.add(
      { path: manifest, when: ({ headers }) => headers.authorization !== undefined },
      { status: 401, headers: { 'www-authenticate': `${asks},error="insufficient_scope"` } },
    )
    const report = await verifyApp(registry, login)
    expect(toldBy(report)).toEqual([3, { 'insufficient-scope': 'error' }])
    const words = wordsOf(report, 'insufficient-scope')
    expect(words).toContain('scope wanted: repository:app:pull')
    expect(words).toContain('scope granted: repository:other:pull')
  })
})

test('a fresh token that is refused by a clock that differs is told with the seconds, and NTP', async () => {
  const registry = await registryWith({ kind: 'bearer', users })
  const date = new Date(Date.now() - 301_000).toUTCString()
  registry.faults.add(
    { path: manifest, when: ({ headers }) => headers.authorization !== undefined },
    { status: 401, headers: { date, 'www-authenticate': `Bearer realm="${registry.url}/token"` } },
  )
  const report = await verifyApp(registry, login)
  expect(toldBy(report)).toEqual([3, { 'clock-skew': 'error' }])
  expect(wordsOf(report, 'clock-skew')).toMatch(/its clock is 30[0-4] s behind ours/)
  expect(report.causes[0]?.advice).toContain('NTP')
})

describe('without a login it cannot be told whether an image is there', () => {
  test.each([
    ['401', refusing(401, 'UNAUTHORIZED', 'log in', { 'www-authenticate': 'Basic realm="x"' })],
    ['403', refusing(403, 'DENIED', 'requested access to the resource is denied')],
  ])('when the registry answers %s', async (_, fault) => {
    const registry = await registryWith({ kind: 'none' })
    registry.faults.add({ path: manifest }, fault)
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, { 'denied-or-missing': 'error' }])
    expect(wordsOf(report, 'denied-or-missing')).toContain('no credentials were sent')
  })

  test('when the registry gives a token to anybody, and answers 404 for the repository', async () => {
    const registry = await registryWith({ kind: 'bearer', anonymousPull: true })
    registry.faults.add(
      { path: manifest, when: ({ headers }) => headers.authorization !== undefined },
      refusing(404, 'NAME_UNKNOWN', 'repository name not known to registry'),
    )
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, { 'denied-or-missing': 'error' }])
    expect(wordsOf(report, 'denied-or-missing')).toContain('404 NAME_UNKNOWN, and no credentials were sent')
  })
})

test('an image that must be public, and is not, fails; one that need not be passes', async () => {
  const registry = await registryWith({ kind: 'bearer', users })
  const report = await verifyApp(registry, { ...login, also_anonymous: 'true' })
  expect(toldBy(report)).toEqual([1, { 'not-public': 'error' }])
  expect(wordsOf(report, 'not-public')).toContain(`${registry.host}/app`)
  expect(toldBy(await verifyApp(registry, login))).toEqual([0, {}])
})

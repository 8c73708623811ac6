import { createServer } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { AuthMode } from '../../src/fake-registry/registry.ts'
import { useRegistries, useServers } from '../observe/kit.ts'
import { errorDocument, outcomeOf, pushImage, textOf, verifyApp } from './fixtures.ts'

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
  test('without a challenge is auth-challenge-missing, with the proxy as advice', async () => {
    const registry = await registryWith({ kind: 'none' })
    registry.faults.add({ path: manifest }, { status: 401 })
    const report = await verifyApp(registry, login)
    expect(outcomeOf(report)).toEqual([3, { 'auth-challenge-missing': 'error' }])
    expect(report.causes[0]?.advice).toMatch(/proxy.*strips the WWW-Authenticate header/)
  })

  test.each([
    ['Bearer service="x"', 'the authentication challenge has no realm'],
    ['Bearer realm="ftp://127.0.0.1/token"', 'the realm uses ftp:'],
    ['Negotiate', 'WWW-Authenticate: Negotiate'],
  ])('with the challenge %s is auth-challenge-invalid, with the reason', async (challenge, reason) => {
    const registry = await registryWith({ kind: 'none' })
    registry.faults.add({ path: manifest }, { status: 401, headers: { 'www-authenticate': challenge } })
    const report = await verifyApp(registry, login)
    expect(outcomeOf(report)).toEqual([3, { 'auth-challenge-invalid': 'error' }])
    expect(textOf(report, 'auth-challenge-invalid')).toContain(reason)
  })
})

describe('a token server', () => {
  test('where nothing listens is token-server-unreachable, with the registry, and ROOT_URL as advice', async () => {
    const gone = await serve(createTcp())
    await gone.close()
    const registry = await registryWith({ kind: 'bearer', users, realm: `http://${gone.host}/token` })
    const report = await verifyApp(registry, login)
    expect(outcomeOf(report)).toEqual([3, { 'token-server-unreachable': 'error' }])
    const text = textOf(report, 'token-server-unreachable')
    expect(text).toContain(`${registry.host} names ${gone.host} as its token server`)
    expect(report.causes[0]?.advice).toContain('ROOT_URL')
  })

  test.each([401, 403])(
    'that answers %i is bad-credentials, with user and source but no secret',
    async (status) => {
      const registry = await registryWith({ kind: 'bearer', users })
      registry.faults.add({ path: /^\/token/ }, errorDocument(status, 'UNAUTHORIZED', 'no such user'))
      const report = await verifyApp(registry, login)
      expect(outcomeOf(report)).toEqual([3, { 'bad-credentials': 'error' }])
      expect(textOf(report, 'bad-credentials')).toContain('user “ann” (from username and password)')
      expect(JSON.stringify(report)).not.toContain(users.ann)
    },
  )

  test.each([
    ['{"expires_in":60}', 'application/json', 'no token in the response (application/json)'],
    ['<html><title>Sign in</title>', 'text/html', 'response: <html><title>Sign in'],
    [`{"token":"${'x'.repeat(70_000)}"}`, 'application/json', '64 KiB'],
  ])(
    'that answers %.20s… is token-response-invalid, with the kind of response',
    async (body, type, expected) => {
      const registry = await registryWith({ kind: 'bearer', users })
      registry.faults.add({ path: /^\/token/ }, { status: 200, body, headers: { 'content-type': type } })
      const report = await verifyApp(registry, login)
      expect(outcomeOf(report)).toEqual([3, { 'token-response-invalid': 'error' }])
      expect(textOf(report, 'token-response-invalid')).toContain(expected)
    },
  )

  test('whose token grants too little is insufficient-scope, with required and granted scope', async () => {
    const access = [{ type: 'repository', name: 'other', actions: ['pull'] }]
    const token = `e30.${Buffer.from(JSON.stringify({ access })).toString('base64url')}.c2ln`
    const tokens = await serve(createServer((_, response) => response.end(JSON.stringify({ token }))))
    const registry = await registryWith({ kind: 'none' })
    const challenge = `Bearer realm="http://${tokens.host}/token",service="s",scope="repository:app:pull"`
    registry.faults.add(
      { path: manifest, times: 1 },
      { status: 401, headers: { 'www-authenticate': challenge } },
    )
    registry.faults.add(
      { path: manifest, when: ({ headers }) => headers.authorization !== undefined },
      { status: 401, headers: { 'www-authenticate': `${challenge},error="insufficient_scope"` } },
    )
    const report = await verifyApp(registry, login)
    expect(outcomeOf(report)).toEqual([3, { 'insufficient-scope': 'error' }])
    const text = textOf(report, 'insufficient-scope')
    expect(text).toContain('required scope: repository:app:pull')
    expect(text).toContain('granted scope: repository:other:pull')
  })
})

test('a new token that is rejected while clocks differ is clock-skew, with the seconds, and NTP as advice', async () => {
  const registry = await registryWith({ kind: 'bearer', users })
  const date = new Date(Date.now() - 301_000).toUTCString()
  registry.faults.add(
    { path: manifest, when: ({ headers }) => headers.authorization !== undefined },
    { status: 401, headers: { date, 'www-authenticate': `Bearer realm="${registry.url}/token"` } },
  )
  const report = await verifyApp(registry, login)
  expect(outcomeOf(report)).toEqual([3, { 'clock-skew': 'error' }])
  expect(textOf(report, 'clock-skew')).toMatch(/the registry's clock is 30[0-4] s behind this machine's/)
  expect(report.causes[0]?.advice).toContain('NTP')
})

describe('an image without a login is denied-or-missing', () => {
  test.each([
    ['401', errorDocument(401, 'UNAUTHORIZED', 'log in', { 'www-authenticate': 'Basic realm="x"' })],
    ['403', errorDocument(403, 'DENIED', 'requested access to the resource is denied')],
  ])('if the registry answers %s', async (_, fault) => {
    const registry = await registryWith({ kind: 'none' })
    registry.faults.add({ path: manifest }, fault)
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, { 'denied-or-missing': 'error' }])
    expect(textOf(report, 'denied-or-missing')).toContain('no credentials were sent')
  })

  test('if the registry issues tokens to everyone and answers 404 for the repository', async () => {
    const registry = await registryWith({ kind: 'bearer', anonymousPull: true })
    registry.faults.add(
      { path: manifest, when: ({ headers }) => headers.authorization !== undefined },
      errorDocument(404, 'NAME_UNKNOWN', 'repository name not known to registry'),
    )
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, { 'denied-or-missing': 'error' }])
    expect(textOf(report, 'denied-or-missing')).toContain('404 NAME_UNKNOWN, and no credentials were sent')
  })
})

test('an image that is not public fails with also_anonymous, and passes without', async () => {
  const registry = await registryWith({ kind: 'bearer', users })
  const report = await verifyApp(registry, { ...login, also_anonymous: 'true' })
  expect(outcomeOf(report)).toEqual([1, { 'not-public': 'error' }])
  expect(textOf(report, 'not-public')).toContain(`${registry.host}/app`)
  expect(outcomeOf(await verifyApp(registry, login))).toEqual([0, {}])
})

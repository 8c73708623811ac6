import { afterEach, describe, expect, test } from 'vitest'
import { blob } from '../../src/fake-registry/images/images.ts'
import { type AuthMode, type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { request } from './request.ts'

const secret = blob('text/plain', 'private')
const users = { ann: 'p:w', bob: 'other' }
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
const ann = basic('ann', 'p:w')
let registry: EmbeddedRegistry

afterEach(() => registry.close())

async function start(auth: AuthMode): Promise<void> {
  registry = await startRegistry({ auth })
  for (const name of ['team/app', 'open']) registry.store.putBlob(name, secret)
}

function pull(name: string, headers: Record<string, string> = {}) {
  return request(`${registry.url}/v2/${name}/blobs/${secret.digest}`, { headers })
}

async function token(query: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const got = await request(`${registry.url}/token?${query}`, { headers })
  expect(got.status).toBe(200)
  return { authorization: `Bearer ${JSON.parse(got.body.toString()).token}` }
}

test('basic: sends a challenge, and accepts only the right password', async () => {
  await start({ kind: 'basic', users, grants: { bob: [] }, anonymousPull: ['open'] })
  const refused = await pull('team/app')
  expect(refused).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="Registry Realm"' },
  })
  const answers = [
    await pull('team/app', ann),
    await pull('team/app', basic('ann', 'wrong')),
    await pull('team/app', basic('bob', 'other')),
    await pull('open'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 200])
})

describe('bearer', () => {
  test('requires a token for the repository, and accepts it only there', async () => {
    await start({ kind: 'bearer', users, service: 'demo' })
    const { headers } = await pull('team/app')
    expect(headers['www-authenticate']).toBe(
      `Bearer realm="${registry.url}/token",service="demo",scope="repository:team/app:pull"`,
    )
    const granted = await token('service=demo&scope=repository:team/app:pull', ann)
    expect((await pull('team/app', granted)).status).toBe(200)
    const elsewhere = await pull('open', granted)
    expect(elsewhere.status).toBe(401)
    expect(elsewhere.headers['www-authenticate']).toContain('error="insufficient_scope"')
    expect((await request(`${registry.url}/token`)).status).toBe(401)
    expect((await request(`${registry.url}/token`, { headers: basic('ann', 'no') })).status).toBe(401)
  })

  test('issues tokens for public repositories without credentials', async () => {
    await start({ kind: 'bearer', users, anonymousPull: ['open'] })
    const granted = await token('scope=repository:open:pull&scope=repository:team/app:pull')
    expect((await pull('open', granted)).status).toBe(200)
    expect((await pull('team/app', granted)).status).toBe(401)
  })

  test('refuses expired and revoked tokens', async () => {
    await start({ kind: 'bearer', users, tokenLifetimeS: 0.1 })
    const old = await token('scope=repository:open:pull', ann)
    await new Promise((resolve) => setTimeout(resolve, 130))
    expect((await pull('open', old)).headers['www-authenticate']).toContain('error="invalid_token"')
    const revoked = await token('scope=repository:open:pull', ann)
    registry.revokeTokens()
    expect((await pull('open', revoked)).status).toBe(401)
  })

  test('accepts a password or an identity token by POST', async () => {
    await start({ kind: 'bearer', users, identityTokens: { id1: 'ann' } })
    const post = (body: string) => request(`${registry.url}/token`, { method: 'POST', body })
    const scope = 'scope=repository:open:pull'
    for (const body of [
      `grant_type=password&username=ann&password=p:w&${scope}`,
      `grant_type=refresh_token&refresh_token=id1&${scope}`,
    ]) {
      const { access_token } = JSON.parse((await post(body)).body.toString())
      expect((await pull('open', { authorization: `Bearer ${access_token}` })).status).toBe(200)
    }
    expect((await post('grant_type=refresh_token&refresh_token=id2')).status).toBe(401)
  })
})

test('forgejo: two challenges, tokens by GET only, Basic as well', async () => {
  await start({ kind: 'forgejo', users, anonymousPull: ['open'] })
  const refused = await pull('open')
  expect(refused.headers['www-authenticate']).toEqual([
    `Bearer realm="${registry.url}/v2/token",service="container_registry",scope="*"`,
    'Basic realm="Gitea Container Registry"',
  ])
  const ghost = await request(`${registry.url}/v2/token?scope=*`)
  const bearer = { authorization: `Bearer ${JSON.parse(ghost.body.toString()).token}` }
  const answers = [
    await pull('open', bearer),
    await pull('team/app', bearer),
    await pull('team/app', ann),
    await request(`${registry.url}/v2/token`, { method: 'POST', body: '' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 404])
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unseen } from '../../../src/core/observed.ts'
import type { HttpClient, HttpClientOptions, RequestSpec } from '../../../src/observe/http/client.ts'
import { fetchToken } from '../../../src/observe/registry/token.ts'
import { namesOfThisMachine } from '../../support/real-names.ts'
import { useWires, whyOf } from '../kit.ts'

const clientOf = useWires()
const password = 'canary-42'

// Names below `.test` resolve to this machine here.
let forget: () => void
beforeAll(() => {
  forget = namesOfThisMachine()
})
afterAll(() => forget())

/** Requests a token from a realm of a registry that was reached at these addresses. Nothing is sent: `sent` counts the attempts. */
async function tokenFrom(
  addresses: string[],
  realm: string,
  {
    base = 'https://registry.example/',
    options = {},
  }: { base?: string; options?: Partial<HttpClientOptions> } = {},
) {
  const client = clientOf(options)
  const at = new URL(base)
  if (addresses.length > 0)
    client.requestLog.connected(at.host, {
      addresses,
      source: 'DNS',
      protocol: 'https',
      http2: false,
      phases: {},
    })
  const sent: RequestSpec[] = []
  const offline: HttpClient = {
    ...client,
    send: async (request) => {
      sent.push(request)
      return unseen({
        kind: 'run-stopped',
        host: request.url.host,
        phase: 'request',
        detail: 'not sent',
        evidence: [],
      })
    },
  }
  const token = await fetchToken(offline, {
    challenge: { scheme: 'bearer', parameters: { realm } },
    base: at,
    repository: 'app',
    credential: { kind: 'password', username: 'ann', password, from: 'the test' },
    insecure: false,
    keepSecret: () => {},
    now: Date.now,
  })
  const why = whyOf(token)
  expect(JSON.stringify(why)).not.toContain(password)
  return { why, sent: sent.length }
}

describe('a public registry', () => {
  const registry = ['203.0.113.7']

  test.each([
    ['https://10.0.0.5/token', '10.0.0.5, a private address'],
    ['https://192.168.1.1:8443/token', '192.168.1.1, a private address'],
    ['https://[fd00:ec2::254]/token', 'fd00:ec2::254, a private address'],
    ['https://inside.test/token', '127.0.0.1, a loopback address'],
  ])('with its realm at %s gets no login there', async (realm, address) => {
    const { why, sent } = await tokenFrom(registry, realm)
    expect(sent).toBe(0)
    expect(why).toMatchObject({ kind: 'auth-challenge-invalid', host: 'registry.example', phase: 'token' })
    expect(why.detail).toContain(`the realm is at ${address}, the registry is not`)
    expect(why.evidence).toEqual([`realm ${new URL(realm).origin}`])
  })

  test.each([
    'https://169.254.169.254/latest',
    'https://[fe80::1]/token',
    'https://localhost/token',
    'https://0.0.0.0/token',
  ])('with its realm at %s gets no login there, even with private_redirects', async (realm) => {
    const { why, sent } = await tokenFrom(registry, realm, { options: { privateRedirects: true } })
    expect([why.kind, sent]).toEqual(['auth-challenge-invalid', 0])
    expect(why.detail).not.toContain('private_redirects')
  })

  test('with its realm at a private address names the setting that allows it', async () => {
    const realm = 'https://10.0.0.5/token'
    expect((await tokenFrom(registry, realm)).why.detail).toContain('private_redirects: true')
    expect((await tokenFrom(registry, realm, { options: { privateRedirects: true } })).sent).toBe(1)
  })

  test('with a realm that resolves to loopback gets no login there, even with private_redirects', async () => {
    const { sent } = await tokenFrom(registry, 'https://inside.test/token', {
      options: { privateRedirects: true },
    })
    expect(sent).toBe(0)
  })

  test.each(['https://198.51.100.9/token', 'https://registry.example/token', '/token'])(
    'may have its realm at %s',
    async (realm) => {
      expect((await tokenFrom(registry, realm)).sent).toBe(1)
    },
  )
})

test.each([
  ['private', ['10.0.0.1'], 'https://10.0.0.5/token'],
  ['private', ['10.0.0.1'], 'https://198.51.100.9/token'],
  ['link-local', ['169.254.0.1'], 'https://10.0.0.5/token'],
])('a registry at a %s address may have a less internal realm: %j to %s', async (_, addresses, realm) => {
  expect((await tokenFrom(addresses, realm)).sent).toBe(1)
})

test('a private registry may not have its realm on loopback', async () => {
  const { why, sent } = await tokenFrom(['10.0.0.1'], 'https://inside.test/token')
  expect([why.kind, sent]).toEqual(['auth-challenge-invalid', 0])
})

test('a registry on loopback may have its realm on loopback', async () => {
  const { sent } = await tokenFrom(['127.0.0.1'], 'http://127.0.0.1:1/token', { base: 'http://127.0.0.1:2/' })
  expect(sent).toBe(1)
})

describe('behind a proxy, where no address of the registry is known', () => {
  test.each(['https://10.0.0.5/token', 'https://[fd00::5]/token'])(
    'the private realm %s gets no login, unless the setting allows it',
    async (realm) => {
      const { why, sent } = await tokenFrom([], realm)
      expect([why.kind, sent]).toEqual(['auth-challenge-invalid', 0])
      expect(why.detail).toMatch(
        /, registry\.example is behind a proxy and counts as public; private_redirects: true allows this$/,
      )
      expect((await tokenFrom([], realm, { options: { privateRedirects: true } })).sent).toBe(1)
    },
  )

  test('a registry that is named by a private address may have a private realm', async () => {
    expect((await tokenFrom([], 'https://10.0.0.5/token', { base: 'https://10.0.0.1/' })).sent).toBe(1)
  })

  test('a public realm is requested', async () => {
    expect((await tokenFrom([], 'https://8.8.8.8/token')).sent).toBe(1)
  })
})

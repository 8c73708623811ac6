import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Authority, createAuthority } from '../support/certs.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** An address of no network that exists; the namespace has it on its loopback interface. */
const address = '198.51.100.7'

type Received = { url: string; login: boolean }[]

suiteNeeds(['ip', 'nsenter', 'openssl'])('a registry without a port in its name, with insecure: true', () => {
  let namespace: NetworkNamespace
  let authority: Authority
  beforeAll(async () => {
    namespace = await makeNetworkNamespace()
    authority = await createAuthority()
    await namespace.run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo'])
  })
  afterAll(async () => {
    await namespace?.remove()
    await authority?.remove()
  })

  async function run({ tls, settings = {} }: { tls: boolean; settings?: Record<string, string> }) {
    const certificate = tls ? await authority.issue({ names: [address] }) : undefined
    const asked = {
      address,
      bundle: at('../../dist/image/regguard-plugin.mjs'),
      ...(certificate ? { tls: certificate } : {}),
      env: {
        PLUGIN_REPO: `${address}/team/app`,
        PLUGIN_USERNAME: 'ci',
        PLUGIN_PASSWORD: 'correct horse',
        PLUGIN_INSECURE: 'true',
        PLUGIN_CHECKS: 'image,registry,path',
        ...settings,
      },
    }
    const printed = await namespace.run(process.execPath, [
      at('../support/both-ports.ts'),
      JSON.stringify(asked),
    ])
    return JSON.parse(printed) as {
      received: Record<'http' | 'https', Received>
      exitCode: number
      stdout: string
    }
  }

  test('gets the password over TLS, and nothing in plain HTTP, where both ports answer', async () => {
    const { received, exitCode } = await run({ tls: true, settings: { PLUGIN_CA_FILE: authority.ca } })
    expect(received.http).toEqual([])
    expect(received.https.some(({ login }) => login)).toBe(true)
    expect(exitCode).toBe(1)
  })

  test('gets nothing at all in plain HTTP if its certificate is not trusted, and skip_tls_verify is named', async () => {
    const { received, exitCode, stdout } = await run({ tls: true })
    expect(received).toEqual({ http: [], https: [] })
    expect(exitCode).toBe(3)
    expect(stdout).toContain('skip_tls_verify: true')
  })

  test('gets the password over unverified TLS with skip_tls_verify', async () => {
    const { received } = await run({ tls: true, settings: { PLUGIN_SKIP_TLS_VERIFY: 'true' } })
    expect(received.http).toEqual([])
    expect(received.https.some(({ login }) => login)).toBe(true)
  })

  test('is asked in plain HTTP where no TLS is spoken', async () => {
    const { received, exitCode } = await run({ tls: false })
    expect(received.http.some(({ login }) => login)).toBe(true)
    expect(exitCode).toBe(1)
  })
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { findAccess } from '../../../src/observe/cluster/find-access.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regguard-kubeconfig-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const pem = (what: string) => `-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`
const base64 = (text: string) => Buffer.from(text).toString('base64')

interface Given {
  cluster?: object
  user?: object
  context?: object
  current?: string | null
}

const config = ({
  cluster = {},
  user = { token: 'tok-s3cr3t' },
  context = {},
  current = 'prod',
}: Given = {}) =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    ...(current === null ? {} : { 'current-context': current }),
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u', ...context } }],
  })

const find = (kubeconfig: string | undefined, env: Record<string, string> = {}, context?: string) =>
  findAccess({ kubeconfig, context, env, serviceAccount: join(folder, 'none') })
const file = async (name: string, text: string) => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('where the configuration comes from', () => {
  test('the YAML itself, as a secret of a pipeline', async () => {
    expect(await find(config())).toMatchObject({
      ok: true,
      value: {
        server: new URL('https://10.0.0.1:6443'),
        context: 'prod',
        auth: { kind: 'token', token: 'tok-s3cr3t' },
      },
    })
  })

  test('a file, then KUBECONFIG, then the home folder, then the service account', async () => {
    const [one, two] = [
      await file('one', config({ cluster: { server: 'https://one:6443' } })),
      await file('two', config({ cluster: { server: 'https://two:6443' } })),
    ]
    const home = join(folder, 'home')
    await mkdir(join(home, '.kube'), { recursive: true })
    await writeFile(join(home, '.kube', 'config'), config({ cluster: { server: 'https://three:6443' } }))
    const account = join(folder, 'account')
    await mkdir(account)
    await writeFile(join(account, 'token'), 'sa-token')
    await writeFile(join(account, 'ca.crt'), pem('CERTIFICATE'))
    const env = {
      KUBECONFIG: two,
      HOME: home,
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
    }
    const serverOf = async (kubeconfig: string | undefined, given: Record<string, string>) => {
      const found = await findAccess({ kubeconfig, context: undefined, env: given, serviceAccount: account })
      return found.ok ? found.value.server.host : found.why
    }
    expect(await serverOf(one, env)).toBe('one:6443')
    expect(await serverOf(undefined, env)).toBe('two:6443')
    expect(await serverOf(undefined, { ...env, KUBECONFIG: '' })).toBe('three:6443')
    expect(await serverOf(undefined, { ...env, KUBECONFIG: '', HOME: folder })).toBe('[fd00::1]')
  })

  test('several files are one: the first that has an entry counts, and missing files are passed over', async () => {
    const first = await file(
      'first',
      stringify({
        'current-context': 'prod',
        clusters: [{ name: 'c', cluster: { server: 'https://first:6443' } }],
      }),
    )
    const second = await file(
      'second',
      config({ cluster: { server: 'https://second:6443' }, current: 'other' }),
    )
    expect(await find(`${first}:${join(folder, 'absent')}:${second}`)).toMatchObject({
      ok: true,
      value: { server: new URL('https://first:6443'), context: 'prod', auth: { kind: 'token' } },
    })
  })

  test.each(['http://proxy:3128', 'https://proxy', 'socks5://me:s3cr3t@proxy:1080', 'socks5h://[::1]:1080'])(
    'the proxy %s is used',
    async (proxy) => {
      expect(await find(config({ cluster: { 'proxy-url': proxy } }))).toMatchObject({
        ok: true,
        value: { proxy: new URL(proxy) },
      })
    },
  )

  test('paths in a file start from its folder, and a token file goes before a token', async () => {
    await file('ca.pem', pem('CERTIFICATE'))
    await file('client.pem', pem('CERTIFICATE'))
    await file('client.key', pem('EC PRIVATE KEY'))
    await file('token', 'from-file')
    const path = await file(
      'relative',
      config({
        cluster: {
          'certificate-authority': 'ca.pem',
          'tls-server-name': 'kubernetes',
          'proxy-url': 'http://proxy:3128',
        },
        user: {
          'client-certificate': 'client.pem',
          'client-key': 'client.key',
          tokenFile: 'token',
          token: 'inline',
        },
      }),
    )
    expect(await find(path)).toMatchObject({
      ok: true,
      value: {
        tls: {
          ca: pem('CERTIFICATE'),
          cert: pem('CERTIFICATE'),
          key: pem('EC PRIVATE KEY'),
          servername: 'kubernetes',
          skipVerify: false,
        },
        proxy: new URL('http://proxy:3128'),
        auth: { kind: 'token-file', path: join(folder, 'token') },
      },
    })
  })

  test('another context by its name', async () => {
    expect(await find(config({ current: null }), {}, 'prod')).toMatchObject({
      ok: true,
      value: { context: 'prod' },
    })
  })
})

describe('mistakes, each in its own sentence', () => {
  test.each<[string, Given | string, string]>([
    ['not YAML', '{ token: tok-s3cr3t', 'is not valid YAML'],
    ['another document', 'a: 1\nb: 2\n', 'is no kubeconfig'],
    ['a wrong type', 'clusters: {}\nusers: 1\n', 'is no valid kubeconfig: clusters has the wrong type'],
    ['no current-context', { current: null }, 'no current-context, and kube_context is not set; it has prod'],
    [
      'a context that is not there',
      { current: 'staging' },
      'current-context names “staging”, which is not among its contexts; it has prod',
    ],
    ['no cluster', { context: { cluster: '' } }, 'context “prod” names no cluster'],
    [
      'a cluster that is not there',
      { context: { cluster: 'x' } },
      'context “prod” names the cluster “x”, which it does not have',
    ],
    [
      'a user that is not there',
      { context: { user: 'x' } },
      'context “prod” names the user “x”, which it does not have',
    ],
    ['no server', { cluster: { server: '' } }, 'cluster “c” has no server'],
    [
      'a server without a scheme',
      { cluster: { server: '10.0.0.1:6443' } },
      'the server of cluster “c” is not a URL',
    ],
    [
      'an authority that is not base64',
      { cluster: { 'certificate-authority-data': '!!' } },
      'certificate-authority-data is not the base64 of a PEM certificate',
    ],
    [
      'an authority that does not exist',
      { cluster: { 'certificate-authority': '/nowhere/ca.pem' } },
      'its certificate-authority /nowhere/ca.pem does not exist',
    ],
    [
      'an authority beside insecure-skip-tls-verify',
      {
        cluster: {
          'certificate-authority-data': base64(pem('CERTIFICATE')),
          'insecure-skip-tls-verify': true,
        },
      },
      'exclude each other',
    ],
    [
      'a certificate without its key',
      { user: { 'client-certificate-data': base64(pem('CERTIFICATE')) } },
      'a client-certificate without a client-key',
    ],
    [
      'a key without its certificate',
      { user: { 'client-key-data': base64(pem('PRIVATE KEY')) } },
      'a client-key without a client-certificate',
    ],
    [
      'a token file that does not exist',
      { user: { tokenFile: '/nowhere/token' } },
      'its tokenFile /nowhere/token does not exist',
    ],
    ['a plugin without a command', { user: { exec: {} } }, 'the exec plugin of user “u” has no command'],
    [
      'a plugin that asks somebody',
      { user: { exec: { command: 'login', interactiveMode: 'Always' } } },
      'wants to ask somebody',
    ],
    [
      'a plugin of an old API',
      { user: { exec: { command: 'login', apiVersion: 'client.authentication.k8s.io/v1alpha1' } } },
      'an apiVersion that no current kubectl supports',
    ],
    [
      'an auth-provider',
      { user: { 'auth-provider': { name: 'gcp' } } },
      'an auth-provider, which Kubernetes removed in 1.26',
    ],
    [
      'a proxy of another kind',
      { cluster: { 'proxy-url': 'socks4://me:s3cr3t@proxy:1080' } },
      'its proxy-url has the scheme socks4; regguard supports http://HOST:PORT, https:// and socks5://',
    ],
    [
      'a proxy without a scheme',
      { cluster: { 'proxy-url': 'me:s3cr3t@proxy:1080' } },
      'its proxy-url is not a URL; regguard supports http://HOST:PORT, https:// and socks5://',
    ],
    [
      'a proxy without a host',
      { cluster: { 'proxy-url': 'socks5://' } },
      'its proxy-url is not a URL; regguard supports',
    ],
  ])('%s', async (_, given, why) => {
    const found = await find(typeof given === 'string' ? given : config(given))
    expect(found).toMatchObject({ ok: false, why: expect.stringContaining(why) })
    expect(JSON.stringify(found)).not.toContain('s3cr3t')
  })

  test('no configuration at all', async () => {
    expect(await find(undefined, { HOME: join(folder, 'absent') })).toMatchObject({
      ok: false,
      why: expect.stringContaining('there is no kubeconfig'),
    })
  })

  test('a file that is named and does not exist is not replaced by another', async () => {
    expect(await find('/nowhere/config')).toMatchObject({ ok: false, why: '/nowhere/config does not exist' })
  })

  test('a folder in place of a file', async () => {
    expect(await find(folder)).toMatchObject({ ok: false, why: `${folder} is a folder` })
  })

  test('a pod without a token', async () => {
    expect(
      await find(undefined, { HOME: join(folder, 'absent'), KUBERNETES_SERVICE_HOST: '10.96.0.1' }),
    ).toMatchObject({
      ok: false,
      why: expect.stringContaining('automountServiceAccountToken: false'),
    })
  })
})

import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { EmbeddedRegistry, Fault, RequestLine } from '../../src/fake-registry/registry.ts'
import { answerOf, authOf, type Home, useHomes } from '../observe/credentials/homes.ts'
import { httpProxy, type ProxyOptions } from '../observe/http/proxies.ts'
import { useRegistries, useServers } from '../observe/kit.ts'
import { pushApp, pushSmall } from '../observe/registry/people.ts'
import { canary, causesOf, exitCodes, plainCanary, platformCount, runsWith } from './plant.ts'
import { repeat, talkativeRegistry } from './talkative.ts'

const start = useRegistries()
const serve = useServers()
const homeOf = useHomes()
const password = canary('password')
const asAnn = { PLUGIN_USERNAME: 'ann', PLUGIN_PASSWORD: password }
const auths = (host: string, secret: string) => ({ auths: { [host]: authOf('ann', secret) } })

type Env = Record<string, string>
type Place = [name: string, plant: (host: string, secret: string, home: Home) => Promise<Env> | Env]

const places: Place[] = [
  ['password', (_, secret) => ({ PLUGIN_USERNAME: 'ann', PLUGIN_PASSWORD: secret })],
  ['the input password', (_, secret) => ({ INPUT_USERNAME: 'ann', INPUT_PASSWORD: secret })],
  [
    'logins',
    (registry, secret) => ({
      PLUGIN_LOGINS: JSON.stringify([
        { registry: 'other.test', username: 'bob', password: canary('other') },
        { registry, username: 'ann', password: secret },
      ]),
    }),
  ],
  [
    'docker_config as JSON',
    (host, secret) => ({ PLUGIN_DOCKER_CONFIG: JSON.stringify(auths(host, secret)) }),
  ],
  [
    'docker_config as a file',
    async (host, secret, home) => ({ PLUGIN_DOCKER_CONFIG: await home.file('c.json', auths(host, secret)) }),
  ],
  [
    'docker_config with a plain password',
    (host, secret) => ({
      PLUGIN_DOCKER_CONFIG: JSON.stringify({ auths: { [host]: { username: 'ann', password: secret } } }),
    }),
  ],
  ['DOCKER_AUTH_CONFIG', (host, secret) => ({ DOCKER_AUTH_CONFIG: JSON.stringify(auths(host, secret)) })],
  [
    'DOCKER_CONFIG',
    async (host, secret, home) => {
      await home.file('docker/config.json', auths(host, secret))
      return { DOCKER_CONFIG: `${home.path}/docker` }
    },
  ],
  [
    'the home',
    async (host, secret, home) => {
      await home.file('.docker/config.json', auths(host, secret))
      return { HOME: home.path }
    },
  ],
  [
    'auth.json',
    async (host, secret, home) => ({ REGISTRY_AUTH_FILE: await home.file('auth.json', auths(host, secret)) }),
  ],
  [
    'a credential helper',
    async (host, secret, home) => {
      await home.helper('own', answerOf('ann', secret))
      return { PATH: home.PATH, DOCKER_AUTH_CONFIG: JSON.stringify({ credHelpers: { [host]: 'own' } }) }
    },
  ],
]

describe.each(places)('a password in %s', (name, plant) => {
  test('is masked when the registry repeats it in its errors and headers', async () => {
    const { host } = await serve(talkativeRegistry('Basic'))
    const secret = canary(name.replace(/\W/g, ''))
    const env = await plant(host, secret, await homeOf())
    const runs = await runsWith({
      secrets: [secret],
      args: [`${host}/app:1`],
      env: { ...env, PLUGIN_DEBUG: 'true' },
    })
    expect(exitCodes(runs)).toEqual([3])
    for (const run of runs) {
      expect(causesOf(run)).toEqual(['access-denied'])
      expect(run.stdout).toContain('********')
    }
  })
})

describe('a password and its tokens', () => {
  /** A registry with tokens for ann, and every token that it received. */
  async function registryOf(): Promise<{ registry: EmbeddedRegistry; sent: string[] }> {
    const registry = await start({ auth: { kind: 'bearer', users: { ann: password } } })
    const sent: string[] = []
    registry.faults.add({
      when: ({ headers }) => {
        if (headers.authorization) sent.push(String(headers.authorization).replace(/^\w+ /, ''))
        return false
      },
    })
    return { registry, sent }
  }

  test.each([
    ['passes', {}],
    ['passes with debug', { PLUGIN_LOG_LEVEL: 'debug', RUNNER_DEBUG: '1' }],
    ['passes at depth full', { PLUGIN_DEPTH: 'full', PLUGIN_ALSO_ANONYMOUS: 'false' }],
  ])('are masked in a run that %s', async (_, env) => {
    const { registry, sent } = await registryOf()
    const secrets = [password]
    const runs = await runsWith({ secrets, args: [pushApp(registry)], env: { ...asAnn, ...env } })
    expect(exitCodes(runs)).toEqual([0])
    expect(sent.length).toBeGreaterThan(0)
    for (const { all, report } of runs) {
      const shown = all.replace(/^::add-mask::.*$/gm, '') + report
      for (const token of sent) expect(shown).not.toContain(token)
    }
  })

  test('are masked in a run that finds an orphaned index', async () => {
    const { registry } = await registryOf()
    const image = pushApp(registry)
    const [child] = registry.store.manifests('app')
    registry.store.remove('app', child?.digest ?? '')
    const runs = await runsWith({ secrets: [password], args: [image], env: asAnn })
    expect(exitCodes(runs)).toEqual([1])
  })

  test('are masked in a run whose password is wrong', async () => {
    const { registry } = await registryOf()
    const wrong = canary('wrong')
    const env = { ...asAnn, PLUGIN_PASSWORD: wrong }
    const runs = await runsWith({ secrets: [wrong, password], args: [pushApp(registry)], env })
    expect(exitCodes(runs)).toEqual([3])
    for (const run of runs) expect(causesOf(run)).toEqual(['bad-credentials'])
  })

  test('are masked in a run that is stopped', async () => {
    const { registry } = await registryOf()
    const image = pushApp(registry)
    const waiting = new Set<unknown>()
    const when = ({ headers }: RequestLine) => {
      waiting.add(headers.authorization)
      return true
    }
    registry.faults.add({ path: /\/blobs\//, when }, { hang: true })
    const secrets = [password]
    // Each run has a token of its own.
    const kill = { when: () => waiting.size === platformCount, signal: 'SIGTERM' } as const
    expect(exitCodes(await runsWith({ secrets, args: [image], env: asAnn, kill }))).toEqual([143])
    const env = { ...asAnn, PLUGIN_TIMEOUT: '1s' }
    expect(exitCodes(await runsWith({ secrets, args: [image], env }))).toEqual([3])
  })

  test('are masked in a run that crashes', async () => {
    const { registry } = await registryOf()
    // Breaks a function that the run calls early, with the password in the message of the error.
    const broken = 'Map.groupBy = () => { throw new Error("no group for " + process.env.PLUGIN_PASSWORD) }'
    const env = { ...asAnn, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}` }
    const runs = await runsWith({ secrets: [password], args: [pushApp(registry)], env, ends: true })
    expect(exitCodes(runs)).toEqual([3])
    for (const { stdout } of runs) {
      expect(stdout).toContain('regguard crashed; nothing was judged')
      expect(stdout).toContain('no group for ********')
    }
  })

  test('are masked in a run whose report cannot be written', async () => {
    const { registry } = await registryOf()
    const env = { ...asAnn, PLUGIN_REPORT_JSON: '/nowhere/report.json' }
    expect(exitCodes(await runsWith({ secrets: [password], args: [pushApp(registry)], env }))).toEqual([2])
  })

  test.each<[string, Fault[], string]>([
    ['is down', [{ reset: 'before-headers' }], 'token-server-unreachable'],
    ['answers 500', [{ status: 500, body: 'boom' }], 'token-server-unreachable'],
    ['answers with a web page', [{ html: '<html><title>Sign in</title></html>' }], 'token-response-invalid'],
    ['redirects to a dead host', [{ redirect: 'http://127.0.0.1:1/token' }], 'token-server-unreachable'],
  ])('are masked when the token server %s', async (_, faults, cause) => {
    const { registry } = await registryOf()
    const image = pushApp(registry)
    registry.faults.add({ path: '/token' }, ...faults)
    const runs = await runsWith({ secrets: [password], args: [image], env: asAnn })
    expect(exitCodes(runs)).toEqual([3])
    for (const run of runs) expect(causesOf(run)).toEqual([cause])
  })
})

describe('a secret that a token server repeats', () => {
  test.each([
    ['in a 400', 400],
    ['in a 401', 401],
    ['in a 500', 500],
    ['in a 200', 200],
  ])('%s is masked', async (_, status) => {
    const { host } = await serve(
      createServer((request, response) => {
        const { authorization } = request.headers
        if (request.url?.startsWith('/token')) return repeat(response, status, authorization ?? '')
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` })
        response.end()
      }),
    )
    const runs = await runsWith({ secrets: [password], args: [`${host}/app:1`], env: asAnn })
    expect(exitCodes(runs)).toEqual([3])
  })

  test('on a web page is masked', async () => {
    const short = 'Cn4ry-9"Z+q'
    const { host } = await serve(
      createServer((request, response) => {
        if (request.url?.startsWith('/token')) {
          response.writeHead(200, { 'content-type': 'text/html' })
          return void response.end(`<p>${request.headers.authorization}</p>${'x'.repeat(100)}`)
        }
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` })
        response.end()
      }),
    )
    const env = { PLUGIN_USERNAME: 'ann', PLUGIN_PASSWORD: short }
    const runs = await runsWith({ secrets: [short], args: [`${host}/app:1`], env })
    for (const run of runs) expect(causesOf(run)).toEqual(['token-response-invalid'])
  })

  test('that is an identity token is masked', async () => {
    const secret = canary('identity')
    const { host } = await serve(
      createServer((request, response) => {
        if (request.url?.startsWith('/token')) {
          let body = ''
          request.on('data', (chunk) => {
            body += chunk
          })
          return void request.on('end', () => {
            response.writeHead(401)
            response.end(JSON.stringify({ errors: [{ code: 'DENIED', message: body.slice(-200) }] }))
          })
        }
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` })
        response.end()
      }),
    )
    const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { [host]: { identitytoken: secret } } })
    const runs = await runsWith({ secrets: [secret], args: [`${host}/app:1`], env: { DOCKER_AUTH_CONFIG } })
    for (const run of runs) {
      expect(causesOf(run)).toEqual(['bad-credentials'])
      expect(run.stdout).toContain('********')
    }
  })
})

describe('a token', () => {
  const token = plainCanary('bearer')

  test.each([
    ['of a user', asAnn],
    ['of everyone', {}],
  ])('%s is masked when the registry repeats it in its errors and headers', async (_, env) => {
    const { host } = await serve(talkativeRegistry('Bearer', token))
    const runs = await runsWith({ secrets: [token, password], args: [`${host}/app:1`], env })
    expect(exitCodes(runs)).toEqual([3])
    for (const { stdout } of runs) expect(stdout).toContain('********')
  })

  test('that needs no token server is masked when the registry repeats it', async () => {
    const { host } = await serve(talkativeRegistry('Bearer', plainCanary('unused')))
    const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { [host]: { registrytoken: token } } })
    const runs = await runsWith({ secrets: [token], args: [`${host}/app:1`], env: { DOCKER_AUTH_CONFIG } })
    for (const run of runs) {
      expect(causesOf(run)).toEqual(['access-denied'])
      expect(run.stdout).toContain('********')
    }
  })

  test('is masked when a redirect contains it', async () => {
    const registry = await start({ auth: { kind: 'basic', users: { ann: password } } })
    const { reference } = pushSmall(registry)
    registry.faults.add(
      { path: /\/blobs\// },
      {
        redirect: ({ headers }) =>
          `http://127.0.0.1:1/${encodeURIComponent(String(headers.authorization).slice(6))}?p=${encodeURIComponent(password)}`,
      },
    )
    const runs = await runsWith({ secrets: [password], args: [reference], env: asAnn })
    expect(exitCodes(runs)).toEqual([3])
    for (const run of runs) expect(causesOf(run)).toEqual(['storage-unreachable'])
  })

  test('in a response under another name is masked', async () => {
    const registry = await start({ auth: { kind: 'bearer', users: { ann: password } } })
    const image = pushApp(registry)
    registry.faults.add({ path: '/token' }, { status: 200, body: { Token: token, jwt: token } })
    const runs = await runsWith({ secrets: [token, password], args: [image], env: asAnn })
    for (const run of runs) expect(causesOf(run)).toEqual(['token-response-invalid'])
  })
})

describe('the output of a credential helper', () => {
  test('that fails is not printed', async () => {
    const registry = await start({ auth: { kind: 'bearer', users: { ann: password } } })
    const home = await homeOf()
    const secret = plainCanary('helper')
    await home.helper('own', `echo ${secret}; echo ${secret} >&2; exit 1`)
    const env = { PATH: home.PATH, DOCKER_AUTH_CONFIG: '{"credsStore":"own"}' }
    const runs = await runsWith({ secrets: [secret], args: [pushApp(registry)], env })
    for (const run of runs) expect(causesOf(run)).toEqual(['credential-helper-failed'])
  })
})

describe('the login of a proxy', () => {
  const secret = plainCanary('proxy')

  test.each<[string, Partial<ProxyOptions>, number[]]>([
    ['accepts it', { login: `me:${secret}` }, [0]],
    ['refuses it', { login: 'me:other' }, [3]],
    ['answers 502', { refuse: { status: 502, headers: { 'proxy-status': 'x' } } }, [3]],
  ])('is masked when the proxy %s', async (_, options, codes) => {
    const registry = await start()
    pushApp(registry)
    const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]), ...options }))
    const proxy = `http://me:${secret}@${host}`
    const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, PLUGIN_INSECURE: 'true' }
    expect(exitCodes(await runsWith({ secrets: [secret], args: ['registry.test/app:1'], env }))).toEqual(
      codes,
    )
    // https goes through a tunnel; the registry behind it has no TLS.
    const tls = { HTTPS_PROXY: proxy }
    expect(exitCodes(await runsWith({ secrets: [secret], args: ['registry.test/app:1'], env: tls }))).toEqual(
      [3],
    )
  })

  test('is masked when the proxy is down', async () => {
    const env = { ALL_PROXY: `socks5://me:${secret}@127.0.0.1:1` }
    const runs = await runsWith({ secrets: [secret], args: ['registry.test/app:1'], env })
    for (const run of runs) expect(causesOf(run)).toEqual(['proxy-failed'])
  })
})

describe('a secret at the limit of a text', () => {
  // Each printed text is shortened at one of these lengths; the beginning of a secret across the limit must not be printed.
  const lengths = [100, 110, 120, 380, 390, 400, 4070, 4080, 4090]
  const half = password.slice(0, 12)

  test.each(lengths)('after %i characters is masked, even half of it, in responses', async (length) => {
    const before = `${'x'.repeat(length - 10)} `
    const title = `<html><title>${before}${password.replaceAll('<', '&lt;').replaceAll('>', '&gt;')} and on</title></html>`
    const answers: [number, string, string][] = [
      [
        403,
        'application/json',
        JSON.stringify({ errors: [{ code: 'DENIED', message: `${before}${password}` }] }),
      ],
      [503, 'text/html', title],
      [200, 'text/html', title],
      [400, 'text/plain', `${before}${password} and on`],
    ]
    for (const [status, type, body] of answers) {
      const { host } = await serve(
        createServer((request, response) => {
          if (request.headers.authorization === undefined) {
            response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' })
            return void response.end()
          }
          response.writeHead(status, { 'content-type': type, 'retry-after': '0' })
          response.end(body)
        }),
      )
      const runs = await runsWith({ secrets: [password, half], args: [`${host}/app:1`], env: asAnn })
      expect(exitCodes(runs)).toEqual([3])
    }
  })

  test.each([60, 70, 80, 90, 100, 105, 110, 380, 390])(
    'after %i characters is masked, even half of it, in settings errors',
    async (length) => {
      const PLUGIN_REPO = `registry.test/${'x'.repeat(length - 14)}${password}${'y'.repeat(300)}`
      const env = { ...asAnn, PLUGIN_REPO, PLUGIN_DEPTH: PLUGIN_REPO, PLUGIN_PLATFORMS: PLUGIN_REPO }
      expect(exitCodes(await runsWith({ secrets: [password, half], env }))).toEqual([2])
    },
  )
})

describe('a settings error', () => {
  const secret = canary('settings')
  test.each<[string, Env]>([
    ['a password without a user', { PLUGIN_PASSWORD: secret }],
    ['logins that are not JSON', { PLUGIN_LOGINS: `[{"password":"${plainCanary('x')}"` }],
    [
      'logins of the wrong form',
      { PLUGIN_LOGINS: JSON.stringify([{ registry: 'x.test', password: secret }]) },
    ],
    ['logins that are plain text', { PLUGIN_LOGINS: secret }],
    ['docker_config that is not JSON', { PLUGIN_DOCKER_CONFIG: `{${secret}` }],
    ['docker_config of the wrong form', { PLUGIN_DOCKER_CONFIG: JSON.stringify({ auths: [secret] }) }],
    ['docker_config that is not a path', { PLUGIN_DOCKER_CONFIG: `/nowhere/${secret}` }],
    ['a misspelt password setting', { PLUGIN_PASSWROD: secret }],
    [
      'a password under two names',
      { PLUGIN_USERNAME: 'ann', PLUGIN_PASSWORD: secret, PLUGIN_TOKEN: `${secret}2` },
    ],
    ['an invalid setting next to a login', { ...asAnn, PLUGIN_DEPTH: 'deep', PLUGIN_TIMEOUT: 'soon' }],
    [
      'a password of logins as another setting',
      {
        PLUGIN_LOGINS: JSON.stringify([{ registry: 'x.test', username: 'ann', password }]),
        PLUGIN_DEPTH: password,
      },
    ],
    [
      'a password of logins that are not JSON as another setting',
      {
        PLUGIN_LOGINS: `[{"username":"ann","password":"${plainCanary('x')}",}]`,
        PLUGIN_DEPTH: plainCanary('x'),
      },
    ],
    [
      'a password of docker_config as another setting',
      { PLUGIN_DOCKER_CONFIG: JSON.stringify(auths('x.test', password)), PLUGIN_DEPTH: password },
    ],
    [
      'a password of DOCKER_AUTH_CONFIG as another setting',
      { DOCKER_AUTH_CONFIG: JSON.stringify(auths('x.test', password)), PLUGIN_DEPTH: password },
    ],
    [
      'a password of an invalid proxy URL as another setting',
      { HTTPS_PROXY: `http://me:${plainCanary('x')}/w@proxy:1`, PLUGIN_DEPTH: `${plainCanary('x')}/w` },
    ],
    ['a password as another setting', { ...asAnn, PLUGIN_DEPTH: password, PLUGIN_EXPECT_DIGEST: password }],
  ])('with %s prints no secret', async (_, env) => {
    const secrets = [secret, password, plainCanary('x')]
    const runs = await runsWith({ secrets, args: ['registry.test/app:1'], env })
    expect(exitCodes(runs)).toEqual([2])
  })
})

test('a password in a file of docker_config is masked when an invalid setting repeats it', async () => {
  const home = await homeOf()
  const env = {
    PLUGIN_DOCKER_CONFIG: await home.file('c.json', auths('x.test', password)),
    PLUGIN_DEPTH: password,
  }
  const runs = await runsWith({ secrets: [password], args: ['registry.test/app:1'], env })
  expect(exitCodes(runs)).toEqual([2])
})

test('an invalid proxy URL is reported by the name of its variable', async () => {
  const secret = plainCanary('proxy')
  const env = { HTTPS_PROXY: `http://me:${secret}/w@127.0.0.1:1` }
  const runs = await runsWith({ secrets: [secret], args: ['registry.test/app:1'], env })
  for (const run of runs) {
    expect(causesOf(run)).toEqual(['proxy-failed'])
    expect(run.stdout).toContain('HTTPS_PROXY is not a proxy URL')
  }
})

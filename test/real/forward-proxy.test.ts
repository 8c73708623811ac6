import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Authority, createAuthority } from '../support/certs.ts'
import { type ForwardProxy, startForwardProxy, suiteWithForwardProxy } from '../support/forward-proxy.ts'
import { depths, notesBesides, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import { deadHost, type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

const login = { user: 'someone', password: 'proxy-password' }

suiteWithForwardProxy(['docker-registry', 'openssl'])('a real registry behind tinyproxy', () => {
  let plain: RealRegistry
  let secure: RealRegistry
  let authority: Authority
  let open: ForwardProxy
  let guarded: ForwardProxy
  let strict: ForwardProxy

  beforeAll(async () => {
    authority = await createAuthority()
    const { certFile, keyFile } = await authority.issue({ names: ['registry.test'] })
    plain = await startRealRegistry()
    await pushCorpus(plain.host)
    secure = await startRealRegistry({
      root: plain.root,
      config: { http: { tls: { certificate: certFile, key: keyFile } } },
    })
    open = await startForwardProxy({ names: ['registry.test'] })
    guarded = await startForwardProxy({ names: ['registry.test'], login })
    strict = await startForwardProxy({ names: ['registry.test'], more: ['ConnectPort 443'] })
  })
  afterAll(async () => {
    for (const one of [strict, guarded, open, secure, plain]) await one?.stop()
    await authority?.remove()
  })

  const named = ({ host }: RealRegistry, name = 'registry.test') => host.replace('127.0.0.1', name)
  const withAuthority = (env: Record<string, string>) => ({ authorities: [authority.ca], env })
  const outcomeOf = async (env: Record<string, string>, host = named(secure), settings = {}) => {
    const report = await verifyImages([`${host}/corpus/many:1`], { ...withAuthority(env), settings })
    return { report, verdict: [report.exitCode, causeIds(report).filter((id) => id !== 'cert-expiring')] }
  }

  test.each(depths)(
    'lets the whole corpus pass over HTTPS at depth %s, under a name that only the proxy resolves',
    async (depth) => {
      const report = await verifyCorpus(
        named(secure),
        depth,
        withAuthority({ HTTPS_PROXY: `http://${open.host}` }),
      )
      expect([report.exitCode, causeIds(report), notesBesides(report)]).toEqual([0, ['cert-expiring'], []])
      expect(report.hosts).toMatchObject([{ host: named(secure), http2: true, protocol: 'https' }])
      expect(open.log()).toContain(`CONNECT ${named(secure)}`)
    },
  )

  test('with a login, the image passes, and no password is shown', async () => {
    const env = { https_proxy: `http://${login.user}:${login.password}@${guarded.host}` }
    const { verdict, report } = await outcomeOf(env)
    expect(verdict).toEqual([0, []])
    expect(JSON.stringify(report)).not.toContain(login.password)
  })

  test('without the login: the proxy requires one', async () => {
    for (const [host, settings] of [
      [named(secure), {}],
      [named(plain), { insecure: 'true' }],
    ] as const) {
      const { verdict } = await outcomeOf(
        { https_proxy: guarded.host, http_proxy: guarded.host },
        host,
        settings,
      )
      expect([host, verdict]).toEqual([host, [3, ['proxy-failed']]])
    }
  })

  test('with a wrong login: the proxy rejects it', async () => {
    const proxy = `http://someone:wrong-word@${guarded.host}`
    for (const [host, settings] of [
      [named(secure), {}],
      [named(plain), { insecure: 'true' }],
      [named(plain), { insecure: 'true', username: 'ann', password: 'of-the-registry' }],
    ] as const) {
      const { verdict, report } = await outcomeOf({ https_proxy: proxy, http_proxy: proxy }, host, settings)
      expect([host, verdict]).toEqual([host, [3, ['proxy-failed']]])
      expect(JSON.stringify(report.causes)).toContain('HTTP 401')
      expect(JSON.stringify(report)).not.toContain('wrong-word')
    }
  })

  test('the proxy does not allow the port', async () => {
    const { verdict } = await outcomeOf({ HTTPS_PROXY: `http://${strict.host}` })
    expect(verdict).toEqual([3, ['proxy-failed']])
  })

  test('the proxy is down: reported with its variable', async () => {
    for (const [host, settings] of [
      [named(secure), {}],
      [named(plain), { insecure: 'true' }],
    ] as const) {
      const { verdict, report } = await outcomeOf(
        { HTTPS_PROXY: deadHost, http_proxy: deadHost },
        host,
        settings,
      )
      expect([host, verdict]).toEqual([host, [3, ['proxy-failed']]])
      expect(JSON.stringify(report.causes)).toContain(
        `proxy ${deadHost} (from ${host === named(secure) ? 'HTTPS_PROXY' : 'http_proxy'})`,
      )
    }
  })

  test.each([
    ['a registry that is down', 'registry.test:1'],
    ['a name that it does not know', 'unknown.test:443'],
  ])('the proxy’s response for %s is reported', async (_, host) => {
    const { verdict, report } = await outcomeOf({ HTTPS_PROXY: open.host }, host)
    expect(verdict).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report.causes)).toContain('500 Unable to connect')
    const unsafe = await outcomeOf({ http_proxy: open.host }, host, { insecure: 'true' })
    expect(unsafe.verdict).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(unsafe.report.causes)).toContain('HTTP 500 (tinyproxy/')
  })

  test('lets the whole corpus pass over plain HTTP', async () => {
    const env = { HTTP_PROXY: `http://${open.host}` }
    const report = await verifyCorpus(named(plain), 'probe', { env, settings: { insecure: 'true' } })
    expect([report.exitCode, causeIds(report), notesBesides(report)]).toEqual([0, [], []])
  })

  test('is contacted directly where NO_PROXY matches', async () => {
    const forget = namesOfThisMachine()
    const before = open.log()
    const { verdict } = await outcomeOf({
      HTTPS_PROXY: `http://${open.host}`,
      NO_PROXY: 'other.example, .test',
    })
    forget()
    expect(verdict).toEqual([0, []])
    expect(open.log()).toBe(before)
  })
})

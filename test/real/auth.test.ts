import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { corpusNames, depths, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { generations } from '../support/real-generations.ts'
import { deadHost, type RealRegistry } from '../support/real-registry.ts'
import {
  createTokenKey,
  startTokenServer,
  type TokenKey,
  type TokenServer,
  type TokenServerOptions,
} from '../support/token-server.ts'
import { until } from '../support/until.ts'
import { causeIds, noteIds, verifyCatalog, verifyImages } from '../support/verify.ts'

/** The output of `htpasswd -nbBC 5 robot right-password`. */
const htpasswd = 'robot:$2y$05$TAbCwiwQo2sBAv9HgnbmhOQDSYIW1h4NenWvzG6jRHtKshbhx402i\n'

const robot = { username: 'robot', password: 'right-password' }
const wrong = { username: 'robot', password: 'wrong-password' }

for (const generation of generations) {
  generation.suite(['openssl'])(`logins at a real ${generation.name}`, () => {
    /** Accepts pushes without a login; the others serve the same storage. */
    let open: RealRegistry
    const running: { stop(): Promise<void> }[] = []
    const image = `${corpusNames[2]}:1`

    beforeAll(async () => {
      open = await generation.start()
      await pushCorpus(open.host)
    })
    afterAll(() => open?.stop())
    afterEach(async () => {
      for (const one of running.splice(0)) await one.stop()
      vi.restoreAllMocks()
    })

    describe('by user name and password', () => {
      let registry: RealRegistry
      const passwords = join(tmpdir(), `regguard-htpasswd-${process.pid}-${generation.name.at(-1)}`)

      beforeAll(async () => {
        await writeFile(passwords, htpasswd)
        registry = await generation.start({
          root: open.root,
          config: { auth: { htpasswd: { realm: 'the test realm', path: passwords } } },
        })
      })
      afterAll(async () => {
        await registry?.stop()
        await rm(passwords, { force: true })
      })

      test.each(depths)('the whole corpus passes at depth %s, and no password is shown', async (depth) => {
        const report = await verifyCorpus(registry.host, depth, { settings: robot })
        expect([report.exitCode, causeIds(report)]).toEqual([0, []])
        expect(JSON.stringify(report)).not.toContain(robot.password)
      })

      test('a wrong password is reported, and the image is not judged', async () => {
        const report = await verifyImages([`${registry.host}/${image}`], { settings: wrong })
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
        expect(JSON.stringify(report)).toContain('user “robot”')
        expect(JSON.stringify(report)).not.toContain(wrong.password)
      })

      test('without a login, it is unknown whether the image exists', async () => {
        const report = await verifyImages([`${registry.host}/${image}`])
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
      })

      test('a missing tag is reported with a login, and not without', async () => {
        const missing = `${registry.host}/${corpusNames[0]}:never`
        const known = await verifyImages([missing], { settings: robot })
        expect([known.exitCode, causeIds(known)]).toEqual([1, ['tag-missing']])
        const unknown = await verifyImages([missing])
        expect([unknown.exitCode, causeIds(unknown)]).toEqual([3, ['denied-or-missing']])
      })

      test('an image that must be public and is not fails', async () => {
        const report = await verifyImages([`${registry.host}/${image}`], {
          settings: { ...robot, also_anonymous: 'true' },
        })
        expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
      })

      test('the catalog needs the login too', async () => {
        const login = { settings: { ...robot, depth: 'head' } }
        const report = await verifyCatalog(registry.host, login)
        expect([report.exitCode, report.targets.length]).toEqual([0, corpusNames.length])
        const refused = await verifyCatalog(registry.host)
        expect([refused.exitCode, causeIds(refused)]).toEqual([3, ['catalog-inaccessible']])
      })
    })

    describe('by tokens', () => {
      let key: TokenKey
      beforeAll(async () => {
        key = await createTokenKey()
      })
      afterAll(() => key?.remove())

      const everything = { users: { robot: robot.password }, pulls: { robot: ['*'] } }

      /** A registry that accepts the tokens of a server with these options; `auth` overrides its configuration. */
      const withTokens = async (options: TokenServerOptions, auth: Record<string, string> = {}) => {
        const tokens = await startTokenServer(key, options)
        running.push(tokens)
        const registry = await generation.start({
          root: open.root,
          config: { auth: { token: { ...tokens.auth, ...auth } } },
        })
        running.push(registry)
        return { tokens, host: registry.host }
      }
      const verifyAt = (host: string, settings: Record<string, string> = {}) =>
        verifyImages([`${host}/${image}`], { settings })
      const askedBy = ({ requests }: TokenServer) => requests.map(({ user }) => user)

      test('the whole corpus passes at every depth with one token per repository, and none is shown', async () => {
        const { host, tokens } = await withTokens(everything)
        for (const depth of depths) {
          tokens.requests.length = 0
          const secrets: string[] = []
          const report = await verifyCorpus(host, depth, { settings: robot, secrets })
          expect([depth, report.exitCode, causeIds(report)]).toEqual([depth, 0, []])
          expect(tokens.requests.map(({ scopes }) => scopes.join()).toSorted()).toEqual(
            corpusNames.map((name) => `repository:${name}:pull`).toSorted(),
          )
          expect(secrets).toEqual(expect.arrayContaining([robot.password, tokens.tokens.at(-1)]))
          expect(JSON.stringify(report)).not.toContain(tokens.tokens.at(-1))
        }
      })

      test('the catalog has its own scope', async () => {
        const { host, tokens } = await withTokens(everything)
        const report = await verifyCatalog(host, { settings: { ...robot, depth: 'head' } })
        expect([report.exitCode, report.targets.length]).toEqual([0, corpusNames.length])
        expect(tokens.requests.map(({ scopes }) => scopes.join())).toContain('registry:catalog:*')
      })

      test('a public image is pulled without a login', async () => {
        const { host, tokens } = await withTokens({ users: {}, pulls: { '': [image.replace(':1', '')] } })
        const report = await verifyAt(host)
        expect([report.exitCode, causeIds(report)]).toEqual([0, []])
        expect(askedBy(tokens)).toEqual([''])
      })

      test('a public image passes with also_anonymous', async () => {
        const { host } = await withTokens({ ...everything, pulls: { robot: ['*'], '': ['*'] } })
        const report = await verifyAt(host, { ...robot, also_anonymous: 'true' })
        expect([report.exitCode, causeIds(report)]).toEqual([0, []])
      })

      test('with an anonymous token of too small a scope, the image is not judged', async () => {
        const { host } = await withTokens({ users: {}, pulls: { '': ['something/else'] } })
        const report = await verifyAt(host)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['denied-or-missing']])
      })

      test('an image that must be public and needs a login fails', async () => {
        const { host } = await withTokens(everything)
        const report = await verifyAt(host, { ...robot, also_anonymous: 'true' })
        expect([report.exitCode, causeIds(report)]).toEqual([1, ['not-public']])
      })

      test('a wrong password is reported', async () => {
        const { host, tokens } = await withTokens(everything)
        const report = await verifyAt(host, wrong)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
        expect(JSON.stringify(report)).not.toContain(wrong.password)
        expect(askedBy(tokens)).toEqual(['refused'])
      })

      test('a login without pull rights is reported, with the requested scope', async () => {
        const { host } = await withTokens({ ...everything, pulls: { robot: ['something/else'] } })
        const report = await verifyAt(host, robot)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['insufficient-scope']])
        expect(JSON.stringify(report.causes)).toContain(`repository:${image.replace(':1', '')}:pull`)
      })

      test.each([
        [['robot'], 'granted', 202, 0],
        [[], 'refused', 401, 1],
      ])(
        'the right to push of %j is %s, as an upload shows: %i',
        async (pushers, state, upload, exitCode) => {
          const { host, tokens } = await withTokens({ ...everything, pushers })
          const report = await verifyAt(host, { ...robot, push_access: 'true' })
          expect([report.exitCode, report.push?.map((one) => one.state)]).toEqual([exitCode, [state]])
          const authorization = `Bearer ${tokens.tokens.at(-1)}`
          const path = `v2/${image.replace(':1', '')}/blobs/uploads/`
          const answer = await fetch(`http://${host}/${path}`, { method: 'POST', headers: { authorization } })
          expect(answer.status).toBe(upload)
        },
      )

      test('a token that expires while waiting for a tag is replaced', async () => {
        const { host, tokens } = await withTokens({ ...everything, lifetimeMs: 500 })
        const late = multiPlatform({ seed: `late ${generation.name}` })
        const [report] = await Promise.all([
          verifyImages([`${host}/late/image:1`], { settings: { ...robot, settle: '20s' } }),
          until('a second token', () => tokens.requests.length > 1).then(() =>
            push(open.host, 'late/image', late.contents, { tag: '1' }),
          ),
        ])
        expect([report.exitCode, causeIds(report)]).toEqual([0, []])
        expect(tokens.requests.length).toBeGreaterThan(1)
      })

      test('tokens that are always expired are reported as no access, without endless retries', async () => {
        const { host, tokens } = await withTokens({ ...everything, lifetimeMs: -5000 })
        const report = await verifyAt(host, robot)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
        expect(tokens.requests.length).toBeLessThanOrEqual(3)
      })

      test('tokens of another issuer are reported as no access', async () => {
        const { host } = await withTokens(everything, { issuer: 'somebody else' })
        const report = await verifyAt(host, robot)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['access-denied']])
      })

      test('a token server that does not listen is blamed, not the registry', async () => {
        const { host } = await withTokens(everything, { realm: `http://${deadHost}/token` })
        const report = await verifyAt(host, robot)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['token-server-unreachable']])
        expect(JSON.stringify(report.causes)).toContain(`${host} names ${deadHost} as its token server`)
      })

      test('a registry five minutes behind rejects fresh tokens, and clock skew is reported', async () => {
        const aheadMs = 300_000
        const { host } = await withTokens({ ...everything, aheadMs })
        const now = Date.now
        vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
        const report = await verifyAt(host, robot)
        expect([report.exitCode, causeIds(report)]).toEqual([3, ['clock-skew']])
        expect(JSON.stringify(report.causes)).toMatch(/clock is (299|300|301) s behind this machine's/)
      })

      test('clock skew that affects no token is a warning', async () => {
        const now = Date.now
        vi.spyOn(Date, 'now').mockImplementation(() => now() - 300_000)
        const report = await verifyAt(open.host)
        expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, ['clock-skew'], []])
      })
    })
  })
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askHelper } from '../../../src/observe/credentials/helper.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, whyOf } from '../kit.ts'
import { pushApp, users } from '../registry/people.ts'
import { answerOf, useHomes } from './homes.ts'

const homeOf = useHomes()
const start = useRegistries()

/** What a helper of the given script gives. */
async function asked(script: string, server = 'registry.test') {
  const home = await homeOf()
  await home.helper('own', script)
  return askHelper('own', server, 'registry.test', home.PATH)
}

describe('a credential helper', () => {
  test('gets the verb and the server, and nothing else', async () => {
    const home = await homeOf()
    await home.helper('own', `echo "$@" >'${home.path}/verb'; cat >'${home.path}/input'; exit 1`)
    await askHelper('own', 'https://index.docker.io/v1/', 'registry-1.docker.io', home.PATH)
    expect(await readFile(join(home.path, 'verb'), 'utf8')).toBe('get\n')
    expect(await readFile(join(home.path, 'input'), 'utf8')).toBe('https://index.docker.io/v1/')
  })

  test('gives a user and a password, and is named as their source', async () => {
    expect(await asked(`cat >/dev/null; ${answerOf('ann', 'a:b "c"')}`)).toEqual({
      seen: true,
      value: { kind: 'password', username: 'ann', password: 'a:b "c"', from: 'the credential helper own' },
    })
  })

  test('may answer without reading its input', async () => {
    expect(await asked(answerOf('ann', 'pw'))).toMatchObject({ seen: true, value: { username: 'ann' } })
  })

  test('gives an identity token for the user <token>', async () => {
    expect(await asked(answerOf('<token>', 'id'))).toEqual({
      seen: true,
      value: { kind: 'identity', token: 'id', from: 'the credential helper own' },
    })
  })

  test.each([
    ['on its output', 'echo "credentials not found in native keychain"; exit 1'],
    ['on its error output', 'echo "error getting credentials: Credentials not found" >&2; exit 3'],
  ])('that says %s that it has none gives none', async (_, script) => {
    expect(await asked(script)).toEqual({ seen: true, value: undefined })
  })

  test.each([
    ['fails', 'echo "the secret is canary-42"; echo canary-43 >&2; exit 1', 'failed (exit 1)'],
    ['is killed', 'echo canary-42; kill -9 $$', 'failed (exit SIGKILL)'],
    ['prints no JSON', 'echo canary-42', 'answered something else than a credential'],
    ['prints half an answer', `echo '{"Username":"canary-42"'`, 'answered something else than a credential'],
    ['gives no secret', `echo '{"Username":"canary-42"}'`, 'answered something else than a credential'],
    ['gives an empty secret', answerOf('canary-42', ''), 'answered something else than a credential'],
    ['prints nothing', 'true', 'answered something else than a credential'],
    ['prints without end', 'yes canary-42', 'failed (exit '],
  ])('that %s has failed, and nothing that it printed is told', async (_, script, detail) => {
    const why = whyOf(await asked(script))
    expect(why).toMatchObject({ kind: 'credential-helper-failed', host: 'registry.test' })
    expect(why.detail).toContain(`docker-credential-own ${detail}`)
    expect(JSON.stringify(why)).not.toContain('canary')
  })

  test('that is not installed is told as that', async () => {
    const home = await homeOf()
    const why = whyOf(await askHelper('none-such', 'registry.test', 'registry.test', home.PATH))
    expect(why.kind).toBe('credential-helper-failed')
    expect(why.detail).toBe('docker-credential-none-such is configured, and not installed here')
  })

  test.each([['../evil'], ['a b'], ['a;b'], [''], ['$(x)']])(
    'with the name %j is never run',
    async (name) => {
      const home = await homeOf()
      const why = whyOf(await askHelper(name, 'registry.test', 'registry.test', home.PATH))
      expect(why.detail).toBe('the credential helper has a name that is none')
    },
  )

  test('that gives no answer is given up after ten seconds', async () => {
    const started = performance.now()
    const why = whyOf(await asked('exec sleep 60'))
    expect(why.detail).toBe('docker-credential-own gave no answer in 10 s')
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

describe('an image behind a helper', () => {
  const fileFor = (host: string) => ({ auths: { [host]: {} }, credHelpers: { [host]: 'own' } })

  test('is verified with what the helper gives, which is asked once and kept secret', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const home = await homeOf()
    await home.helper('own', `echo x >>'${home.path}/asked'; ${answerOf('ann', users.ann)}`)
    const env = { PATH: home.PATH, DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    const secrets: string[] = []
    const report = await verifyImages([pushApp(registry)], { env, secrets })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(secrets).toContain(users.ann)
    expect(await readFile(join(home.path, 'asked'), 'utf8')).toBe('x\n')
  })

  test('is not looked at when the helper fails, and only the helper is blamed', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const home = await homeOf()
    await home.helper('own', 'echo canary-42; exit 1')
    const env = { PATH: home.PATH, DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    const report = await verifyImages([pushApp(registry)], { env })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['credential-helper-failed']])
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test('is verified without asking the helper where the registry asks for no login', async () => {
    const registry = await start()
    const env = { PATH: '/nowhere', DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
  })

  test('is verified with the next source when the helper has nothing', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    const home = await homeOf()
    await home.helper('own', 'echo credentials not found; exit 1')
    const auth = Buffer.from(`ann:${users.ann}`).toString('base64')
    const env = {
      PATH: home.PATH,
      DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)),
      REGISTRY_AUTH_FILE: await home.file('auth.json', { auths: { [registry.host]: { auth } } }),
    }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
  })
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { credentialFromHelper, type HelperOptions } from '../../../src/observe/credentials/helper.ts'
import { runCli } from '../../support/run-cli.ts'
import { until } from '../../support/until.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, whyOf } from '../kit.ts'
import { pushApp, users } from '../registry/people.ts'
import { answerOf, useHomes } from './homes.ts'

const homeOf = useHomes()
const start = useRegistries()

const defaultOptions = (PATH: string): HelperOptions => ({
  env: { PATH },
  signal: new AbortController().signal,
})

/** Runs a helper with this script. */
async function runScript(script: string, options: Partial<HelperOptions> = {}) {
  const home = await homeOf()
  await home.helper('own', script)
  return credentialFromHelper('own', 'registry.test', 'registry.test', {
    ...defaultOptions(home.PATH),
    ...options,
  })
}

/** What a file holds; nothing where it does not exist. */
const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')

/** Resolves once the process whose id is in the file has ended. */
async function gone(file: string): Promise<void> {
  const pid = Number(await readFile(file, 'utf8'))
  expect(pid).toBeGreaterThan(1)
  await until(`process ${pid} is gone`, async () => {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    // In a container orphans may not be reaped; a zombie has ended.
    return state === undefined || / Z /.test(state)
  })
}

describe('a credential helper', () => {
  test('gets the argument get and the server on its input, and nothing else', async () => {
    const home = await homeOf()
    await home.helper('own', `echo "$@" >'${home.path}/arguments'; cat >'${home.path}/input'; exit 1`)
    await credentialFromHelper(
      'own',
      'https://index.docker.io/v1/',
      'registry-1.docker.io',
      defaultOptions(home.PATH),
    )
    expect(await readFile(join(home.path, 'arguments'), 'utf8')).toBe('get\n')
    expect(await readFile(join(home.path, 'input'), 'utf8')).toBe('https://index.docker.io/v1/')
  })

  test('returns user and password, with itself as their source', async () => {
    expect(await runScript(`cat >/dev/null; ${answerOf('ann', 'a:b "c"')}`)).toEqual({
      seen: true,
      value: { kind: 'password', username: 'ann', password: 'a:b "c"', from: 'the credential helper own' },
    })
  })

  test('may print a credential without reading its input', async () => {
    expect(await runScript(answerOf('ann', 'pw'))).toMatchObject({ seen: true, value: { username: 'ann' } })
  })

  test('returns an identity token for the user <token>', async () => {
    expect(await runScript(answerOf('<token>', 'id'))).toEqual({
      seen: true,
      value: { kind: 'identity', token: 'id', from: 'the credential helper own' },
    })
  })

  test.each([
    ['its output', 'echo "credentials not found in native keychain"; exit 1'],
    ['its error output', 'echo "error getting credentials: Credentials not found" >&2; exit 3'],
  ])('that reports on %s that it has no credential returns none', async (_, script) => {
    expect(await runScript(script)).toEqual({ seen: true, value: undefined })
  })

  test.each([
    ['fails', 'echo "the secret is canary-42"; echo canary-43 >&2; exit 1', 'failed (exit 1)'],
    ['is killed', 'echo canary-42; kill -9 $$', 'failed (exit SIGKILL)'],
    ['prints no JSON', 'echo canary-42', 'did not print a credential'],
    ['prints half a credential', `echo '{"Username":"canary-42"'`, 'did not print a credential'],
    ['prints no secret', `echo '{"Username":"canary-42"}'`, 'did not print a credential'],
    ['prints an empty secret', answerOf('canary-42', ''), 'did not print a credential'],
    ['prints nothing', 'true', 'did not print a credential'],
    ['prints without end', 'yes canary-42', 'printed more than 64 KiB'],
  ])('that %s has failed, and its output is not printed', async (_, script, detail) => {
    const why = whyOf(await runScript(script))
    expect(why).toMatchObject({ kind: 'credential-helper-failed', host: 'registry.test' })
    expect(why.detail).toContain(`docker-credential-own ${detail}`)
    expect(JSON.stringify(why)).not.toContain('canary')
  })

  test('that is not installed is reported as such', async () => {
    const home = await homeOf()
    const why = whyOf(
      await credentialFromHelper('none-such', 'registry.test', 'registry.test', defaultOptions(home.PATH)),
    )
    expect(why.kind).toBe('credential-helper-failed')
    expect(why.detail).toBe('docker-credential-none-such is configured but not installed here')
  })

  test.each([['../evil'], ['a b'], ['a;b'], [''], ['$(x)']])(
    'with the name %j is never run',
    async (name) => {
      const home = await homeOf()
      const why = whyOf(
        await credentialFromHelper(name, 'registry.test', 'registry.test', defaultOptions(home.PATH)),
      )
      expect(why.detail).toBe('the name of the credential helper is not valid')
    },
  )

  test('gets the environment of the step', async () => {
    const home = await homeOf()
    await home.helper('own', `echo "{\\"Username\\":\\"$AWS_PROFILE\\",\\"Secret\\":\\"pw\\"}"`)
    const env = { PATH: home.PATH, AWS_PROFILE: 'ci' }
    const options = { ...defaultOptions(home.PATH), env }
    expect(await credentialFromHelper('own', 'registry.test', 'registry.test', options)).toMatchObject({
      value: { username: 'ci' },
    })
  })

  test('that does not answer times out, after 10 s by default', async () => {
    const why = whyOf(await runScript('exec sleep 60'))
    expect(why.detail).toBe('docker-credential-own timed out after 10 s')
    expect(whyOf(await runScript('exec sleep 60', { limitMs: 100 })).detail).toContain(
      'timed out after 0.1 s',
    )
  })

  test.each([
    [
      'has printed a credential',
      answerOf('ann', 'pw'),
      { seen: true, value: { username: 'ann', password: 'pw' } },
    ],
    ['has failed', 'exit 2', { seen: false, why: { detail: 'docker-credential-own failed (exit 2)' } }],
  ])(
    'that %s is not waited for while a program that it left behind keeps its output open',
    async (_, script, expected) => {
      const home = await homeOf()
      const file = join(home.path, 'pid')
      const env = { PATH: home.PATH, FILE: file }
      await home.helper('own', `sleep 60 & echo $! >"$FILE"; ${script}`)
      const answer = await credentialFromHelper('own', 'registry.test', 'registry.test', {
        ...defaultOptions(''),
        env,
      })
      expect(answer).toMatchObject(expected)
      process.kill(Number(await readFile(file, 'utf8')))
    },
  )

  test.each([
    ['waits for a child process', 'sleep 60 & echo $! >"$FILE"; wait'],
    ['ignores SIGTERM', 'trap \'\' TERM; sleep 60 & echo $! >"$FILE"; while :; do wait; sleep 1; done'],
  ])('that %s is killed on timeout, with all its processes', async (_, script) => {
    const home = await homeOf()
    const file = join(home.path, 'pid')
    const env = { PATH: home.PATH, FILE: file }
    await home.helper('own', script)
    // On a machine under load it may not have started anything yet.
    for (const limitMs of [500, 2000, 8000]) {
      const options = { ...defaultOptions(home.PATH), env, limitMs }
      const why = whyOf(await credentialFromHelper('own', 'registry.test', 'registry.test', options))
      expect(why.detail).toBe(`docker-credential-own timed out after ${limitMs / 1000} s`)
      if (await textOf(file)) break
    }
    await gone(file)
  })

  test('is killed when the run is stopped, with all its processes', async () => {
    const home = await homeOf()
    const file = join(home.path, 'pid')
    await home.helper('own', 'sleep 60 & echo $! >"$FILE"; wait')
    const stop = new AbortController()
    const answer = credentialFromHelper('own', 'registry.test', 'registry.test', {
      env: { PATH: home.PATH, FILE: file },
      signal: stop.signal,
    })
    await until('the helper has started a program', () => textOf(file))
    stop.abort(new Error('SIGTERM'))
    expect(whyOf(await answer)).toMatchObject({ kind: 'run-stopped', detail: 'SIGTERM' })
    await gone(file)
  })

  test('is not started after the run was stopped', async () => {
    const home = await homeOf()
    await home.helper('own', `echo x >'${home.path}/started'`)
    const options = { ...defaultOptions(home.PATH), signal: AbortSignal.abort(new Error('too late')) }
    expect(whyOf(await credentialFromHelper('own', 'registry.test', 'registry.test', options)).kind).toBe(
      'run-stopped',
    )
    await expect(readFile(join(home.path, 'started'))).rejects.toThrow('ENOENT')
  })

  test('whose child processes print without end is killed at the limit', async () => {
    expect(whyOf(await runScript('yes canary-42 & yes canary-43 >&2 & wait')).detail).toContain(
      'printed more than',
    )
  })
})

describe('an image behind a helper', () => {
  const fileFor = (host: string) => ({ auths: { [host]: {} }, credHelpers: { [host]: 'own' } })

  test('is verified with its credential; the helper runs once, and the secret is masked', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const home = await homeOf()
    await home.helper('own', `echo x >>'${home.path}/started'; ${answerOf('ann', users.ann)}`)
    const env = { PATH: home.PATH, DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    const secrets: string[] = []
    const report = await verifyImages([pushApp(registry)], { env, secrets })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(secrets).toContain(users.ann)
    expect(await readFile(join(home.path, 'started'), 'utf8')).toBe('x\n')
  })

  test('is unknown if the helper fails, with the helper as the only cause', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const home = await homeOf()
    await home.helper('own', 'echo canary-42; exit 1')
    const env = { PATH: home.PATH, DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    const report = await verifyImages([pushApp(registry)], { env })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['credential-helper-failed']])
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test('is verified without running the helper if the registry requires no login', async () => {
    const registry = await start()
    const env = { PATH: '/nowhere', DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
  })

  test('is verified with the next source if the helper has no credential', async () => {
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

  test.each([
    ['stopped by a signal', {}, true, 143],
    ['out of time', { PLUGIN_TIMEOUT: '1s' }, false, 3],
  ])('has partial results if the run is %s while the helper hangs', async (_, settings, stop, exitCode) => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const home = await homeOf()
    const asked = join(home.path, 'asked')
    await home.helper('own', `echo x >'${asked}'; sleep 600 & wait`)
    const kill = { when: async () => (await textOf(asked)) !== '', signal: 'SIGTERM' } as const
    const env = { ...settings, PATH: home.PATH, DOCKER_AUTH_CONFIG: JSON.stringify(fileFor(registry.host)) }
    const run = await runCli([pushApp(registry)], { env, ...(stop ? { kill } : {}) })
    expect(run.exitCode).toBe(exitCode)
    expect(run.stdout).toContain(stop ? 'stopped by SIGTERM' : 'timed out after 1 s')
    expect(run.stdout).toContain(`exit ${exitCode}`)
  })
})

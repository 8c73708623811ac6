import { describe, expect, test } from 'vitest'
import { readDockerConfig } from '../../../src/observe/credentials/docker-config.ts'
import { causeIds, type VerifyTestOptions, verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { pushApp, users } from '../registry/people.ts'
import { authOf, type Home, useHomes } from './homes.ts'

const homeOf = useHomes()
const start = useRegistries()

/** A source of credentials: its name, how messages name it, and how a user is stored there. */
type Place = {
  name: string
  label: (home: Home) => string
  put: (home: Home, host: string, user: string, options: Options) => Promise<void>
}
type Options = VerifyTestOptions & { settings: Record<string, string>; env: Record<string, string> }

const fileWith = (host: string, user: string) => ({ auths: { [host]: authOf(user, `bad-secret-${user}`) } })

const places: Place[] = [
  {
    name: 'username and password for the registry',
    label: () => 'username and password',
    put: async (_, host, user, { settings }) => {
      Object.assign(settings, { registry: host, username: user, password: `bad-secret-${user}` })
    },
  },
  {
    name: 'logins',
    label: () => 'logins[1]',
    put: async (_, host, user, { settings }) => {
      const others = { registry: 'other.test', username: 'x', password: 'y' }
      settings.logins = JSON.stringify([
        others,
        { registry: host, username: user, password: `bad-secret-${user}` },
      ])
    },
  },
  {
    name: 'docker_config',
    label: () => 'docker_config',
    put: async (_, host, user, options) => {
      const read = await readDockerConfig(JSON.stringify(fileWith(host, user)))
      if (read.ok) options.authSources = read.value
    },
  },
  {
    name: 'DOCKER_AUTH_CONFIG',
    label: () => 'DOCKER_AUTH_CONFIG',
    put: async (_, host, user, { env }) => {
      env.DOCKER_AUTH_CONFIG = JSON.stringify(fileWith(host, user))
    },
  },
  {
    name: 'DOCKER_CONFIG',
    label: ({ path }) => `${path}/docker/config.json`,
    put: async (home, host, user, { env }) => {
      await home.file('docker/config.json', fileWith(host, user))
      env.DOCKER_CONFIG = `${home.path}/docker`
    },
  },
  {
    name: '~/.docker/config.json',
    label: ({ path }) => `${path}/.docker/config.json`,
    put: async (home, host, user, { env }) => {
      await home.file('.docker/config.json', fileWith(host, user))
      env.HOME = home.path
    },
  },
  {
    name: 'REGISTRY_AUTH_FILE',
    label: ({ path }) => `${path}/named.json`,
    put: async (home, host, user, { env }) => {
      env.REGISTRY_AUTH_FILE = await home.file('named.json', fileWith(host, user))
    },
  },
  {
    name: 'the auth.json in XDG_RUNTIME_DIR',
    label: ({ path }) => `${path}/run/containers/auth.json`,
    put: async (home, host, user, { env }) => {
      await home.file('run/containers/auth.json', fileWith(host, user))
      env.XDG_RUNTIME_DIR = `${home.path}/run`
    },
  },
  {
    name: 'the auth.json in the home',
    label: ({ path }) => `${path}/.config/containers/auth.json`,
    put: async (home, host, user, { env }) => {
      await home.file('.config/containers/auth.json', fileWith(host, user))
      env.HOME = home.path
    },
  },
]

describe('the first source with an entry for the registry is used', () => {
  test.each(places.map((place, at) => [place.name, at] as const))(
    '%s, if those before it are absent, and messages name it without its secret',
    async (_, at) => {
      const registry = await start({ auth: { kind: 'basic', users } })
      const home = await homeOf()
      const options: Options = { settings: {}, env: {} }
      for (const [rank, place] of places.entries()) {
        if (rank >= at) await place.put(home, registry.host, `user${rank}`, options)
      }
      const report = await verifyImages([pushApp(registry)], options)
      const json = JSON.stringify(report)
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['bad-credentials']])
      expect(json).toContain(`user “user${at}” (from ${places[at]?.label(home)})`)
      expect(json).not.toContain('bad-secret-')
      expect(registry.requests.filter(({ authorization }) => authorization !== undefined)).toHaveLength(1)
    },
  )

  test('one with entries for other registries only is skipped', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    const home = await homeOf()
    const env = {
      DOCKER_AUTH_CONFIG: JSON.stringify(fileWith('other.test', 'x')),
      REGISTRY_AUTH_FILE: await home.file('a.json', { auths: { [registry.host]: authOf('ann', users.ann) } }),
    }
    const settings = { registry: 'other.test', username: 'x', password: 'y' }
    const report = await verifyImages([pushApp(registry)], { env, settings })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })

  test.each([
    ['not JSON', 'oops'],
    ['other JSON', '[1]'],
    ['empty', ''],
  ])('a file of the environment that is %s is skipped', async (_, content) => {
    const registry = await start({ auth: { kind: 'basic', users } })
    const home = await homeOf()
    await home.file('.docker/config.json', content)
    const env = {
      HOME: home.path,
      DOCKER_AUTH_CONFIG: content,
      REGISTRY_AUTH_FILE: await home.file('a.json', { auths: { [registry.host]: authOf('ann', users.ann) } }),
    }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
  })

  test('a missing file of the environment is skipped, and a folder in its place', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    const home = await homeOf()
    const env = {
      DOCKER_CONFIG: `${home.path}/nowhere`,
      REGISTRY_AUTH_FILE: home.path,
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry.host]: authOf('ann', users.ann) } }),
    }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
  })
})

describe('different repositories of one registry', () => {
  test('are requested with the login of each', async () => {
    const registry = await start({
      auth: { kind: 'bearer', users: { one: 'p1', two: 'p2' }, grants: { one: ['one'], two: ['two'] } },
    })
    const auths = {
      [`${registry.host}/one`]: authOf('one', 'p1'),
      [`${registry.host}/two`]: authOf('two', 'p2'),
    }
    const images = ['one', 'two'].map((name) => pushApp(registry, name))
    const report = await verifyImages(images, { env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
  })
})

describe('docker_config', () => {
  const content = { auths: { 'registry.test': authOf('ann', 'canary-42') } }

  test.each([
    ['the JSON itself', async () => JSON.stringify(content)],
    ['the JSON itself after blanks', async () => `\n  ${JSON.stringify(content, null, 2)}\n`],
    ['the path of a file', (home: Home) => home.file('any-name', content)],
    [
      'the path of a folder with a config.json',
      async (home: Home) => {
        await home.file('folder/config.json', content)
        return `${home.path}/folder`
      },
    ],
  ])('may be %s', async (_, settingIn) => {
    const read = await readDockerConfig(await settingIn(await homeOf()))
    expect(read).toEqual({ ok: true, value: [{ from: 'docker_config', auth: content }] })
  })

  test('may be unset', async () => {
    expect(await readDockerConfig(undefined)).toEqual({ ok: true, value: [] })
  })

  test.each([
    ['damaged JSON', async () => '{"auths":{"registry.test":{"auth":"canary-42"}'],
    ['JSON of another form', async () => '{"auths":["canary-42"]}'],
    ['the path of nothing', async (home: Home) => `${home.path}/canary-42`],
    ['a folder without a config.json', async (home: Home) => home.path],
    ['a file that is not JSON', (home: Home) => home.file('x', 'canary-42')],
  ])('cannot be %s, and its value is not repeated', async (_, settingIn) => {
    const setting = await settingIn(await homeOf())
    const read = await readDockerConfig(setting)
    expect(read).toMatchObject({ ok: false, problem: { setting: 'docker_config' } })
    expect(JSON.stringify(read)).not.toContain('canary')
    expect(JSON.stringify(read)).not.toContain(setting)
  })
})

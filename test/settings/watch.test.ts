import { describe, expect, test } from 'vitest'
import { planWatch } from '../../src/settings/plan/watch.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemWith, settingsIn } from './settings.ts'

const planned = (given: Record<string, string>, env: Record<string, string> = {}, hostName = 'host') => {
  const read = readSettings(plugin({ mode: 'watch', ...given }))
  return planWatch(read.value, read.ok ? [] : read.problems, { env, hostName })
}
const planOf = (...given: Parameters<typeof planned>) => {
  const plan = planned(...given)
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
  return plan.value
}
const registries = 'registry.example.com'

describe('what is watched', () => {
  const scopes = (given: Record<string, string>) =>
    planOf(given).scopes.map(({ registry, catalog, repositories }) => [registry, catalog, repositories])

  test.each([
    [
      { registries: 'a.example.com,https://b.example.com:5000/' },
      [
        ['a.example.com', true, []],
        ['b.example.com:5000', true, []],
      ],
    ],
    [{ registry: 'http://a.example.com' }, [['a.example.com', true, []]]],
    [{ registries, repo: 'team/*' }, [[registries, true, ['team/*']]]],
    [{ registries, repos: 'team/app,infra/ci' }, [[registries, false, ['team/app', 'infra/ci']]]],
    [
      { repo: 'a.b/team/app,c.d:5000/x/*' },
      [
        ['a.b', false, ['team/app']],
        ['c.d:5000', true, ['x/*']],
      ],
    ],
    [{ repo: 'alpine' }, [['docker.io', false, ['library/alpine']]]],
    [
      { registries, mirror: 'true', repo: 'library/alpine', tags: '3.20' },
      [[registries, false, ['library/alpine']]],
    ],
  ])('%j', (given, expected) => {
    expect(scopes(given as unknown as Record<string, string>)).toEqual(expected)
  })

  test('an http:// address allows plain HTTP to that registry', () => {
    expect(
      settingsIn(plugin({ mode: 'watch', registries: 'http://a.b:5000,c.d' })).insecure_registry,
    ).toEqual(['a.b:5000'])
  })

  test('a run may take two hours, and looks twice within 30 s, unless settings say otherwise', () => {
    const { timeout, settle, interval, reprove } = settingsIn(plugin({ mode: 'watch', registries }))
    expect([timeout, settle, interval, reprove]).toEqual([7_200_000, 30_000, 900_000, 21_600_000])
    const other = settingsIn(plugin({ mode: 'watch', registries, timeout: '5m', settle: '0s' }))
    expect([other.timeout, other.settle]).toEqual([300_000, 0])
  })
})

describe('where metrics are served', () => {
  test.each([
    [undefined, { host: '0.0.0.0', port: 9743 }],
    ['9000', { host: '0.0.0.0', port: 9000 }],
    [':9000', { host: '0.0.0.0', port: 9000 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    ['none', undefined],
  ])('listen %s', (listen, expected) => {
    expect(planOf({ registries, ...(listen === undefined ? {} : { listen }) }).listen).toEqual(expected)
  })

  test('nowhere with once', () => {
    expect(planOf({ registries, once: 'true' }).listen).toBeUndefined()
  })
})

describe('the part of a process', () => {
  test.each([
    [{}, {}, 'host', { index: 0, total: 1 }],
    [{ shards: '4', shard: '3' }, { JOB_COMPLETION_INDEX: '1' }, 'watch-2', { index: 3, total: 4 }],
    [{ shards: '4' }, { JOB_COMPLETION_INDEX: '1' }, 'watch-2', { index: 1, total: 4 }],
    [{ shards: '4' }, {}, 'regguard-watch-2', { index: 2, total: 4 }],
  ])('%j %j on %s', (given, env, host, expected) => {
    expect(
      planOf({ registries, ...given } as Record<string, string>, env as Record<string, string>, host).shard,
    ).toEqual(expected)
  })
})

describe('mistakes', () => {
  test.each([
    [{}, 'registries', 'nothing to watch'],
    [{ registries: 'a b' }, 'registries', 'must be the host of a registry'],
    [{ registries: 'docker.io' }, 'repo', 'must name the repositories to watch on Docker Hub'],
    [{ repo: 'a.b/c:1' }, 'repo', 'neither a tag nor a digest'],
    [{ repo: 'a.b:5000/c@sha256:1' }, 'repo', 'neither a tag nor a digest'],
    [{ repo: 'https://a.b/c' }, 'repo', 'write it without http(s)://'],
    [{ repo: '*.b/c' }, 'repo', 'the registry must be named in full'],
    [{ repo: 'library/*' }, 'repo', 'Docker Hub lists no repositories'],
    [{ repo: 'a.b/Team/*' }, 'repo', 'must be lower case'],
    [{ registries, interval: '0s' }, 'interval', 'must be a duration like 30s, 2m or 1h, at least 1 s'],
    [{ registries, interval: 'often' }, 'interval', 'must be a duration'],
    [{ registries, reprove: '10m' }, 'reprove', 'must not be shorter than interval'],
    [{ registries, listen: 'here' }, 'listen', 'must be a port'],
    [{ registries, listen: '0.0.0.0:70000' }, 'listen', 'must be a port'],
    [{ registries, listen: 'none', metrics_token_file: '/t' }, 'listen', 'serves nothing'],
    [{ registries, once: 'true', listen: '9000' }, 'listen', 'is not used with once'],
    [{ registries, pushgateway: 'gateway:9091' }, 'pushgateway', 'must be a URL'],
    [{ registries, push_job: 'x' }, 'push_job', 'needs pushgateway'],
    [{ registries, shards: '4' }, 'shard', 'is unknown'],
    [{ registries, shards: '4', shard: '4' }, 'shard', 'must be a number from 0 to 3'],
    [{ registries, shard: '1' }, 'shard', 'needs shards'],
    [{ registries, hash_budget: '2h' }, 'hash_budget', 'must be a size with mode: watch'],
    [{ registries, mirror: 'true' }, 'mirror', 'needs repo and tags without *'],
    [{ registries, mirror: 'true', repo: 'a', tags: '1*' }, 'mirror', 'needs repo and tags without *'],
    [{ registries, images: 'a.b/c:1' }, 'images', 'is not for mode: watch'],
    [{ registries, storage: '/var/lib/registry' }, 'storage', 'is not for mode: watch'],
    [{ registries, newest_tags: '-1' }, 'newest_tags', 'must be an integer'],
  ])('%j', (given, setting, message) => {
    const plan = planned(given as unknown as Record<string, string>)
    expect(plan.ok ? [] : plan.problems.map((problem) => [problem.setting, problem.message])).toEqual([
      [setting, expect.stringContaining(message)],
    ])
  })

  test.each(['http://ci:pa%ss@gateway:9091', 'https://ci:pa%ss@ping.example.com/x', 'http://100%@gateway'])(
    'a login with a %% that is no escape is a mistake: %s',
    (url) => {
      for (const setting of ['pushgateway', 'heartbeat_url']) {
        const plan = planned({ registries, [setting]: url })
        expect(plan).toMatchObject({
          ok: false,
          problems: [{ setting, message: expect.stringContaining('a % that is no escape') }],
        })
        expect(JSON.stringify(plan)).not.toMatch(/pa%ss|100%/)
      }
    },
  )

  test.each([
    'ci:pa-ss@gateway:9091',
    'ftp://ci:pa-ss@gateway',
    'http:/ci:pa-ss/x@y@gateway',
    'http://ci:pa-ss@',
  ])('the login of a gateway that is no URL is not shown: %s', (pushgateway) => {
    const plan = planned({ registries, pushgateway })
    expect(JSON.stringify(plan)).toContain('must be a URL')
    expect(JSON.stringify(plan)).not.toContain('pa-ss')
  })

  test('the value of a heartbeat is never shown', () => {
    const plan = planned({ registries, heartbeat_url: 'ping.example.com/secret-uuid' })
    expect(JSON.stringify(plan)).toContain('must be a URL')
    expect(JSON.stringify(plan)).not.toContain('secret-uuid')
  })

  test.each(['registries', 'interval', 'once', 'accepted_faults', 'shards', 'pushgateway'])(
    '%s without mode: watch is not ignored',
    (name) => {
      const value = { once: 'true', shards: '2', interval: '1h' }[name] ?? 'http://a.b/c'
      expect(problemWith(name, value)).toBe('is only for mode: watch')
    },
  )
})

import { describe, expect, test } from 'vitest'
import { planTargets } from '../../src/settings/plan/plan.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemsIn, settingsIn } from './settings.ts'

describe('who is asked first', () => {
  test('arguments come before PLUGIN_, and PLUGIN_ before INPUT_', () => {
    const env = { INPUT_DEPTH: 'head', PLUGIN_DEPTH: 'full' }
    expect(settingsIn({ INPUT_DEPTH: 'head' }).depth).toBe('head')
    expect(settingsIn(env).depth).toBe('full')
    expect(settingsIn(env, new Map([['depth', 'probe']])).depth).toBe('probe')
  })

  test('another name for the same setting overrides as well', () => {
    expect(settingsIn({ INPUT_TAG: '1', PLUGIN_TAGS: '2' }).tags).toEqual(['2'])
    expect(settingsIn({ PLUGIN_TAGS: '2' }, new Map([['tag', '3']])).tags).toEqual(['3'])
  })

  test('a setting that is weaker and wrong does no harm', () => {
    expect(settingsIn({ INPUT_DEPTH: 'deep', PLUGIN_DEPTH: 'full' }).depth).toBe('full')
  })

  test('an empty text does not hide a weaker one', () => {
    expect(settingsIn({ INPUT_DEPTH: 'head', PLUGIN_DEPTH: '' }).depth).toBe('head')
  })
})

describe('how an action spells its inputs', () => {
  test.each(['INPUT_DRY-RUN', 'INPUT_DRY_RUN', 'INPUT_DRY RUN', 'INPUT_DRY.RUN'])('%s is dry_run', (name) => {
    expect(settingsIn({ [name]: 'true' }).dry_run).toBe(true)
  })

  test('an input that is declared and not set arrives empty, and is not set', () => {
    const names = [
      'DEPTH',
      'TAGS',
      'REPO',
      'IMAGES',
      'TIMEOUT',
      'INSECURE',
      'CONCURRENCY',
      'CHECKS',
      'PASSWORD',
    ]
    const inputs = Object.fromEntries(names.map((name) => [`INPUT_${name}`, '']))
    expect(settingsIn(inputs)).toEqual(settingsIn({}))
  })

  test('the inputs of other actions are left alone', () => {
    expect(readSettings({ INPUT_TGAS: '1', INPUT_NODE_VERSION: '24', INPUT_ARGS: 'x' })).toMatchObject({
      ok: true,
      unknown: [],
    })
  })

  test('a declared input that is empty does not hide the other spelling', () => {
    const digest = `sha256:${'ab12'.repeat(16)}`
    expect(settingsIn({ 'INPUT_EXPECT-DIGEST': digest, INPUT_EXPECT_DIGEST: '' }).expect_digest).toBe(digest)
    expect(settingsIn({ INPUT_EXPECT_DIGEST: digest, 'INPUT_EXPECT-DIGEST': '' }).expect_digest).toBe(digest)
  })
})

describe('empty', () => {
  test.each(['repo', 'repos', 'tags', 'tag', 'images', 'image'])(
    '`%s` in a pipeline is a mistake and not the default',
    (name) => {
      expect(problemsIn(plugin({ [name]: '' }))).toEqual([
        {
          setting: name,
          message: 'is set, but empty; name at least one, or leave the setting out',
          fix: { [name]: [expect.stringMatching(/./)] },
        },
      ])
      expect(problemsIn(plugin({ [name]: ' \n' }))).toHaveLength(1)
    },
  )

  test.each([',', ' , ', '[]', '[""]', '\n,\n'])('`tags` of %j is as empty as an empty one', (written) => {
    expect(problemsIn(plugin({ tags: written }))).toHaveLength(1)
  })

  test.each(['depth', 'platforms', 'checks', 'timeout', 'insecure', 'username', 'logins', 'expect_digest'])(
    '`%s` means unset',
    (name) => {
      expect(settingsIn(plugin({ [name]: '' }))).toEqual(settingsIn({}))
    },
  )

  test('arguments may be empty', () => {
    expect(settingsIn({ PLUGIN_TAGS: '1' }, new Map([['tags', '']])).tags).toEqual(['1'])
  })
})

describe('a secret that arrived empty', () => {
  const message = expect.stringMatching(
    /^arrived empty: the secret behind it has no value, or this run may not/,
  )

  test.each(['password', 'token', 'docker_config_json', 'json_key'])('`%s` in a pipeline', (name) => {
    expect(problemsIn(plugin({ [name]: '' }))).toEqual([
      { setting: name, message, fix: { [name]: { secret: expect.stringMatching(/^registry_/) } } },
    ])
  })

  test('half a login in an action', () => {
    expect(problemsIn({ INPUT_USERNAME: 'ci', INPUT_PASSWORD: '' })).toMatchObject([
      { setting: 'password', message },
    ])
    expect(problemsIn({ INPUT_USERNAME: '', INPUT_PASSWORD: 'hunter2!' })).toMatchObject([
      { setting: 'username', message, fix: { username: { secret: 'registry_username' } } },
    ])
  })

  test('is no mistake where nothing was wanted, or another source has it', () => {
    expect(problemsIn({ INPUT_USERNAME: '', INPUT_PASSWORD: '' })).toEqual([])
    expect(problemsIn({ PLUGIN_PASSWORD: '', INPUT_PASSWORD: 'hunter2!' })).toEqual([])
    expect(problemsIn({ PLUGIN_PASSWORD: '' }, new Map([['password', 'hunter2!']]))).toEqual([])
  })

  test('is told once, and not again as half a login', () => {
    const read = readSettings(plugin({ repo: 'a.b/c', username: 'ci', token: '' }))
    const plan = planTargets(read.value, { images: [] }, read.ok ? [] : read.problems)
    expect(plan.ok ? [] : plan.problems.map(({ setting }) => setting)).toEqual(['token'])
  })
})

describe('a comma inside an item', () => {
  test.each([
    ['["a,b","c"]', ['a', 'b', 'c']],
    ['a\\,b', ['a', 'b']],
    ['a\\,b,c', ['a', 'b', 'c']],
  ])('%j is told, with the list that was meant', (written, meant) => {
    expect(problemsIn(plugin({ tags: written }))).toEqual([
      {
        setting: 'tags',
        value: written,
        message: expect.stringMatching(/^has a comma inside an item/),
        fix: { tags: meant },
      },
    ])
  })

  test('is none where it only ends one', () => {
    expect(settingsIn(plugin({ tags: 'a,b' })).tags).toEqual(['a', 'b'])
    expect(settingsIn(plugin({ tags: '["a","b"]' })).tags).toEqual(['a', 'b'])
  })
})

describe('two names for one setting', () => {
  test.each([
    ['tag', 'tags'],
    ['repo', 'repository'],
    ['images', 'extra_tags'],
    ['username', 'user'],
    ['password', 'token'],
    ['platforms', 'platform'],
    ['insecure', 'plain_http'],
    ['skip_tls_verify', 'skip_verify'],
    ['skip_tls_verify', 'insecure_skip_verify'],
  ])('%s and %s are the same, and one of them is enough', (one, other) => {
    expect(settingsIn(plugin({ [one]: 'true' }))).toEqual(settingsIn(plugin({ [other]: 'true' })))
    expect(settingsIn(plugin({ [one]: 'true', [other]: 'true' }))).toEqual(
      settingsIn(plugin({ [one]: 'true' })),
    )
    expect(problemsIn(plugin({ [one]: 'true', [other]: 'false' }))).toEqual([
      { setting: other, message: `is the same setting as ${one}; keep one of them` },
    ])
  })

  test('with different values are a mistake however they are spelled', () => {
    expect(problemsIn({ 'INPUT_DRY-RUN': 'true', INPUT_DRY_RUN: 'false' })).toHaveLength(1)
  })
})

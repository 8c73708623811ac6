import { describe, expect, test } from 'vitest'
import { planTargets } from '../../src/settings/plan/plan.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemsIn, settingsIn } from './settings.ts'

describe('precedence', () => {
  test('arguments override PLUGIN_, and PLUGIN_ overrides INPUT_', () => {
    const env = { INPUT_DEPTH: 'head', PLUGIN_DEPTH: 'full' }
    expect(settingsIn({ INPUT_DEPTH: 'head' }).depth).toBe('head')
    expect(settingsIn(env).depth).toBe('full')
    expect(settingsIn(env, new Map([['depth', 'probe']])).depth).toBe('probe')
  })

  test('an alias overrides the setting too', () => {
    expect(settingsIn({ INPUT_TAG: '1', PLUGIN_TAGS: '2' }).tags).toEqual(['2'])
    expect(settingsIn({ PLUGIN_TAGS: '2' }, new Map([['tag', '3']])).tags).toEqual(['3'])
  })

  test('an overridden setting may be invalid', () => {
    expect(settingsIn({ INPUT_DEPTH: 'deep', PLUGIN_DEPTH: 'full' }).depth).toBe('full')
  })

  test.each(['', '  ', '\n'])('an empty value does not override: %j', (blank) => {
    expect(settingsIn({ INPUT_DEPTH: 'head', PLUGIN_DEPTH: blank }).depth).toBe('head')
  })
})

describe('the inputs of an action', () => {
  test.each(['INPUT_DRY-RUN', 'INPUT_DRY_RUN', 'INPUT_DRY RUN', 'INPUT_DRY.RUN'])('%s is dry_run', (name) => {
    expect(settingsIn({ [name]: 'true' }).dry_run).toBe(true)
  })

  test('a declared but unset input is empty and counts as unset', () => {
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

  test('the inputs of other actions are ignored', () => {
    expect(readSettings({ INPUT_NODE_VERSION: '24', INPUT_ARGS: 'x', INPUT_CONTEXT: '.' })).toMatchObject({
      ok: true,
      unknown: [],
    })
  })

  test.each(['INPUT_TAGZ', 'INPUT_TGAS', 'INPUT_PLATFROMS', 'INPUT_EXPECT-DIGETS'])(
    '%s is reported as misspelled',
    (name) => {
      expect(problemsIn({ [name]: '1' })).toEqual([
        {
          setting: expect.anything(),
          message: expect.stringMatching(/^unknown setting; did you mean (tags|platforms|expect_digest)\?$/),
        },
      ])
    },
  )

  test('the default of tags that action.yml declares counts as unset', () => {
    const read = readSettings({ INPUT_TAGS: 'latest' })
    expect([read.value.tags, [...read.given]]).toEqual([[], []])
  })

  test('an empty declared input does not override the other spelling', () => {
    const digest = `sha256:${'ab12'.repeat(16)}`
    expect(settingsIn({ 'INPUT_EXPECT-DIGEST': digest, INPUT_EXPECT_DIGEST: '' }).expect_digest).toBe(digest)
    expect(settingsIn({ INPUT_EXPECT_DIGEST: digest, 'INPUT_EXPECT-DIGEST': '' }).expect_digest).toBe(digest)
  })
})

describe('an empty value', () => {
  test.each(['repo', 'repos', 'tags', 'tag', 'images', 'image'])(
    'of `%s` in a pipeline is a problem, not the default',
    (name) => {
      expect(problemsIn(plugin({ [name]: '' }))).toEqual([
        {
          setting: name,
          message: 'is empty; list at least one item or remove the setting',
          fix: { [name]: [expect.stringMatching(/./)] },
        },
      ])
      expect(problemsIn(plugin({ [name]: ' \n' }))).toHaveLength(1)
    },
  )

  test.each([',', ' , ', '[]', '[""]', '\n,\n'])('of `tags` may be written %j', (written) => {
    expect(problemsIn(plugin({ tags: written }))).toHaveLength(1)
  })

  test.each(['depth', 'platforms', 'checks', 'timeout', 'insecure', 'username', 'logins', 'expect_digest'])(
    'of `%s` counts as unset',
    (name) => {
      expect(settingsIn(plugin({ [name]: '' }))).toEqual(settingsIn({}))
    },
  )

  test('of an argument counts as unset', () => {
    expect(settingsIn({ PLUGIN_TAGS: '1' }, new Map([['tags', '']])).tags).toEqual(['1'])
  })
})

describe('an empty secret', () => {
  const message = expect.stringMatching(/^is empty: the secret has no value, or this run has no access to it/)

  test.each(['password', 'token', 'docker_config_json', 'json_key'])(
    'of `%s` in a pipeline is a problem',
    (name) => {
      expect(problemsIn(plugin({ [name]: '' }))).toEqual([
        { setting: name, message, fix: { [name]: { secret: expect.stringMatching(/^registry_/) } } },
      ])
    },
  )

  test('that is half a login in an action is a problem', () => {
    expect(problemsIn({ INPUT_USERNAME: 'ci', INPUT_PASSWORD: '' })).toMatchObject([
      { setting: 'password', message },
    ])
    expect(problemsIn({ INPUT_USERNAME: '', INPUT_PASSWORD: 'hunter2!' })).toMatchObject([
      { setting: 'username', message, fix: { username: { secret: 'registry_username' } } },
    ])
  })

  test('is not a problem if no login is set or another source sets it', () => {
    expect(problemsIn({ INPUT_USERNAME: '', INPUT_PASSWORD: '' })).toEqual([])
    expect(problemsIn({ PLUGIN_PASSWORD: '', INPUT_PASSWORD: 'hunter2!' })).toEqual([])
    expect(problemsIn({ PLUGIN_PASSWORD: '' }, new Map([['password', 'hunter2!']]))).toEqual([])
  })

  test('is reported once, and not again as half a login', () => {
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
  ])('%j is a problem, and the fix splits it', (written, items) => {
    expect(problemsIn(plugin({ tags: written }))).toEqual([
      {
        setting: 'tags',
        value: written,
        message: expect.stringMatching(/^has an item with a comma in it/),
        fix: { tags: items },
      },
    ])
  })

  test('is not found if every comma separates items', () => {
    expect(settingsIn(plugin({ tags: 'a,b' })).tags).toEqual(['a', 'b'])
    expect(settingsIn(plugin({ tags: '["a","b"]' })).tags).toEqual(['a', 'b'])
  })
})

describe('a setting and its alias', () => {
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
  ])('%s and %s are the same setting', (one, other) => {
    expect(settingsIn(plugin({ [one]: 'true' }))).toEqual(settingsIn(plugin({ [other]: 'true' })))
    expect(settingsIn(plugin({ [one]: 'true', [other]: 'true' }))).toEqual(
      settingsIn(plugin({ [one]: 'true' })),
    )
    expect(problemsIn(plugin({ [one]: 'true', [other]: 'false' }))).toEqual([
      { setting: other, message: `is the same setting as ${one}, with another value; keep one of them` },
    ])
  })

  test('with different values are a problem, also in two spellings', () => {
    expect(problemsIn({ 'INPUT_DRY-RUN': 'true', INPUT_DRY_RUN: 'false' })).toHaveLength(1)
  })
})

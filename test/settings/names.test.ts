import { describe, expect, test } from 'vitest'
import { buildSettings, editDistance, nearestSetting, settingFor } from '../../src/settings/names.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemsIn } from './settings.ts'

describe('a misspelled name', () => {
  test.each([
    ['tgas', 'tags'],
    ['tagss', 'tags'],
    ['taggs', 'tags'],
    ['pasword', 'password'],
    ['usernmae', 'username'],
    ['platfroms', 'platforms'],
    ['regsitry', 'registry'],
    ['expected_digest', 'expect_digest'],
    ['skip-tls-verfy', 'skip_tls_verify'],
    ['dryrun', 'dry_run'],
  ])('%s is a problem that suggests %s', (name, nearest) => {
    const [problem] = problemsIn(plugin({ [name]: 'x' }))
    expect(problem?.message).toBe(`unknown setting; did you mean ${nearest}?`)
    expect(problem?.setting).toBe(name.replaceAll('-', '_'))
  })

  test('is a problem even if everything else is valid', () => {
    expect(readSettings(plugin({ repo: 'a.b/c', tags: '1', tgas: '2' }))).toMatchObject({ ok: false })
  })

  test('is a problem in the arguments even if it resembles no setting', () => {
    expect(problemsIn({}, new Map([['tgas', '1']]))).toEqual([
      { setting: 'tgas', message: 'unknown setting; did you mean tags?' },
    ])
    expect(problemsIn({}, new Map([['zzzzzz', '1']]))).toEqual([
      { setting: 'zzzzzz', message: 'unknown setting; --help lists all settings' },
    ])
  })
})

test('no ignored build setting is one of regguard’s own', () => {
  expect(buildSettings.filter((name) => settingFor(name))).toEqual([])
  expect(buildSettings).toContain('dockerfile')
})

test('a name that resembles no setting is reported as unknown, not as a problem', () => {
  expect(readSettings(plugin({ repo: 'a.b/c', notify_channel: '#ops', zzzzzz: '1' }))).toMatchObject({
    ok: true,
    unknown: ['notify_channel', 'zzzzzz'],
  })
})

describe('build-only settings are ignored without a warning', () => {
  test.each(['squash', 'build_args_file', 'verbosity', 'snapshot_mode'])(
    '`%s` of the Drone plugins',
    (name) => {
      expect(readSettings(plugin({ repo: 'a.b/c', [name]: 'x' }))).toMatchObject({ ok: true, unknown: [] })
    },
  )

  test.each(['tags_file', 'tag_file', 'mirrors'])(
    '`%s` of a build plugin is not mistaken for another setting',
    (name) => {
      const messages = problemsIn(plugin({ [name]: 'x' })).map(({ message }) => message)
      expect(messages.join()).not.toMatch(/ca_file|mirror\?/)
    },
  )
})

test('dashes, dots, spaces and case do not matter in a name', () => {
  expect(['dry-run', 'dry.run', 'Dry_Run', 'DRY RUN'].map(settingFor)).toEqual(Array(4).fill('dry_run'))
  expect(settingFor('constructor')).toBeUndefined()
  expect(nearestSetting('')).toBeUndefined()
})

test.each([
  ['', '', 0],
  ['tags', 'tags', 0],
  ['tgas', 'tags', 1],
  ['tag', 'tags', 1],
  ['', 'tag', 3],
  ['kitten', 'sitting', 3],
  ['ca', 'abc', 3],
])('the edit distance of %j and %j is %d', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

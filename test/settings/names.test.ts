import { describe, expect, test } from 'vitest'
import { editDistance, nearestSetting, settingFor } from '../../src/settings/names.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemsIn } from './settings.ts'

describe('a misspelt name', () => {
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
  ])('%s is a mistake, and the nearest name is %s', (name, nearest) => {
    const [problem] = problemsIn(plugin({ [name]: 'x' }))
    expect(problem?.message).toBe(`there is no such setting; did you mean ${nearest}?`)
    expect(problem?.setting).toBe(name.replaceAll('-', '_'))
  })

  test('is a mistake even where everything else is right', () => {
    expect(readSettings(plugin({ repo: 'a.b/c', tags: '1', tgas: '2' }))).toMatchObject({ ok: false })
  })

  test('in the arguments is a mistake, near or far', () => {
    expect(problemsIn({}, new Map([['tgas', '1']]))).toEqual([
      { setting: 'tgas', message: 'there is no such setting; did you mean tags?' },
    ])
    expect(problemsIn({}, new Map([['zzzzzz', '1']]))).toEqual([
      { setting: 'zzzzzz', message: 'there is no such setting; --help lists them' },
    ])
  })
})

test('a name that resembles nothing is told, and stops nothing', () => {
  expect(readSettings(plugin({ repo: 'a.b/c', notify_channel: '#ops', zzzzzz: '1' }))).toMatchObject({
    ok: true,
    unknown: ['notify_channel', 'zzzzzz'],
  })
})

describe('what only a build needs is passed over in silence', () => {
  test.each(['squash', 'build_args_file', 'no_push', 'verbosity', 'snapshot_mode'])(
    '`%s` of Drone’s plugins, too',
    (name) => {
      expect(readSettings(plugin({ repo: 'a.b/c', [name]: 'x' }))).toMatchObject({ ok: true, unknown: [] })
    },
  )

  test.each(['tags_file', 'tag_file', 'mirrors'])(
    '`%s` of a build plugin is not taken for a misspelt setting of another meaning',
    (name) => {
      const messages = problemsIn(plugin({ [name]: 'x' })).map(({ message }) => message)
      expect(messages.join()).not.toMatch(/ca_file|mirror\?/)
    },
  )
})

test('a name means the same with dashes, dots and capitals', () => {
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
])('%j and %j are %d steps apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

import { describe, expect, test } from 'vitest'
import { type Command, readArguments } from '../../src/cli/arguments.ts'

/** The settings that a command line gives. */
function given(line: string): Record<string, string> {
  const command = readArguments(line.split(' '))
  if (command.name !== 'verify') throw new Error(command.name)
  expect(command.problems).toEqual([])
  return Object.fromEntries(command.settings)
}

describe('another job than to verify', () => {
  test.each<[string, Command]>([
    ['help', { name: 'help' }],
    ['--help', { name: 'help' }],
    ['-h', { name: 'help' }],
    ['a.b/c:1 --depth full --help', { name: 'help' }],
    ['version', { name: 'version' }],
    ['--version', { name: 'version' }],
    ['demo', { name: 'demo' }],
    ['explain', { name: 'explain', finding: undefined }],
    ['explain layer-missing', { name: 'explain', finding: 'layer-missing' }],
  ])('%s', (line, command) => {
    expect(readArguments(line.split(' '))).toEqual(command)
  })

  test('an image may be called demo, where more is said of it', () => {
    expect(given('demo --depth full')).toEqual({ images: 'demo', depth: 'full' })
  })
})

describe('to verify', () => {
  test('no arguments leave all to the environment', () => {
    expect(readArguments([])).toEqual({ name: 'verify', settings: new Map(), problems: [] })
  })

  test.each([
    ['references are images', 'a.b/c:1 d.e/f', { images: 'a.b/c:1,d.e/f' }],
    ['references may stand anywhere', 'a.b/c --depth full d.e/f', { images: 'a.b/c,d.e/f', depth: 'full' }],
    ['--name value', '--depth full', { depth: 'full' }],
    ['--name=value', '--depth=full', { depth: 'full' }],
    ['a value may hold an =', '--password=a=b==', { password: 'a=b==' }],
    ['a value may be empty', '--username=', { username: '' }],
    ['a value may begin with a dash', '--password -x', { password: '-x' }],
    ['dashes are underscores', '--expect-digest x', { expect_digest: 'x' }],
    ['one dash is enough', '-depth full', { depth: 'full' }],
    ['the last value counts', '--depth head --depth=full', { depth: 'full' }],
  ])('%s', (_sentence, line, settings) => {
    expect(given(line)).toEqual(settings)
  })

  test.each([
    ['a switch needs no value', '--insecure', { insecure: 'true' }],
    ['a switch takes no reference for its value', '--insecure a.b/c', { insecure: 'true', images: 'a.b/c' }],
    ['a switch takes true', '--insecure true a.b/c', { insecure: 'true', images: 'a.b/c' }],
    ['a switch takes false', '--insecure false a.b/c', { insecure: 'false', images: 'a.b/c' }],
    ['a switch takes a value behind =', '--insecure=no', { insecure: 'no' }],
    ['a switch by another name is a switch', '--plain-http a.b/c', { plain_http: 'true', images: 'a.b/c' }],
    ['a switch may stand last', 'a.b/c --mirror', { mirror: 'true', images: 'a.b/c' }],
    ['switches may stand in a row', '--debug --referrers', { debug: 'true', referrers: 'true' }],
  ])('%s', (_sentence, line, settings) => {
    expect(given(line)).toEqual(settings)
  })

  test.each([
    ['a list may be given again', '--tags 1 --tags 2 --tags=3', { tags: '1,2,3' }],
    ['a list by another name, too', '--tag 1 --tag 2', { tag: '1,2' }],
    ['references join the images', '--images a.b/c d.e/f', { images: 'a.b/c,d.e/f' }],
  ])('%s', (_sentence, line, settings) => {
    expect(given(line)).toEqual(settings)
  })

  test('a setting that needs a value and has none is a mistake', () => {
    expect(readArguments(['a.b/c', '--depth'])).toEqual({
      name: 'verify',
      settings: new Map([['images', 'a.b/c']]),
      problems: [{ setting: 'depth', message: 'needs a value' }],
    })
  })

  test('a name that nobody knows is kept, for the settings to judge', () => {
    expect(given('--tgas 1')).toEqual({ tgas: '1' })
    expect(readArguments(['--nothing'])).toMatchObject({ problems: [{ setting: 'nothing' }] })
  })

  test('a value is taken as it is, blanks and all', () => {
    const command = readArguments(['--password', ' a b\n'])
    expect(command.name === 'verify' && command.settings.get('password')).toBe(' a b\n')
  })
})

import { describe, expect, test } from 'vitest'
import { type Command, readArguments } from '../../src/cli/arguments.ts'
import { mistypeText } from '../../src/cli/mistype.ts'

/** The settings that a command line gives. */
function given(line: string): Record<string, string> {
  const command = readArguments(line.split(' '))
  if (command.name !== 'verify') throw new Error(command.name)
  expect(command.problems).toEqual([])
  return Object.fromEntries(command.settings)
}

describe('another command than to verify', () => {
  test.each<[string, Command]>([
    ['help', { name: 'help', setting: undefined }],
    ['--help', { name: 'help', setting: undefined }],
    ['-help', { name: 'help', setting: undefined }],
    ['-h', { name: 'help', setting: undefined }],
    ['a.b/c:1 --depth full --help', { name: 'help', setting: undefined }],
    ['help depth', { name: 'help', setting: 'depth' }],
    ['help --depth', { name: 'help', setting: '--depth' }],
    ['help --help', { name: 'help', setting: undefined }],
    ['version', { name: 'version' }],
    ['--version', { name: 'version' }],
    ['-version', { name: 'version' }],
    ['demo', { name: 'demo', file: undefined }],
    ['demo --html demo.html', { name: 'demo', file: 'demo.html' }],
    ['demo --html=demo.html', { name: 'demo', file: 'demo.html' }],
    ['compare a.json b.json', { name: 'compare', files: ['a.json', 'b.json'] }],
    ['explain', { name: 'explain', finding: undefined }],
    ['explain layer-missing', { name: 'explain', finding: 'layer-missing' }],
    ['explain layer missing', { name: 'explain', finding: 'layer-missing' }],
  ])('%s', (line, command) => {
    expect(readArguments(line.split(' '))).toEqual(command)
  })

  test('demo takes no arguments, rather than to verify an image of that name', () => {
    for (const line of ['demo --depth full', 'demo x', 'demo --html', 'demo --html a b', 'demo --html= x'])
      expect(mistyped(line)).toBe(
        'The command demo takes no arguments but --html FILE; for an image of that name, write demo:latest',
      )
  })
})

/** The line that a mistyped command line is answered with. */
function mistyped(line: string): string {
  const command = readArguments(line.split(' '))
  if (command.name !== 'mistyped') throw new Error(command.name)
  return mistypeText(command.mistype)
}

describe('a mistyped command', () => {
  test.each([
    ['expalin', 'There is no command “expalin”; did you mean explain?'],
    ['expalin orphaned-index', 'There is no command “expalin”; did you mean explain?'],
    ['Explain', 'There is no command “Explain”; did you mean explain?'],
    ['explian', 'There is no command “explian”; did you mean explain?'],
    ['demmo', 'There is no command “demmo”; did you mean demo?'],
    ['dem', 'There is no command “dem”; did you mean demo?'],
    ['hlep', 'There is no command “hlep”; did you mean help?'],
    ['vresion', 'There is no command “vresion”; did you mean version?'],
    ['--hlep', 'There is no option “--hlep”; did you mean --help?'],
    ['--hlep=x', 'There is no option “--hlep”; did you mean --help?'],
    ['a.b/c --verison', 'There is no option “--verison”; did you mean --version?'],
    ['-helpp', 'There is no option “-helpp”; did you mean --help?'],
    ['--explain layer-missing', 'There is no option “--explain”; did you mean explain?'],
    [
      'a.b/c:1 explain',
      '“explain” is a command and must come first; for an image of that name, write explain:latest',
    ],
    [
      'orphaned-index explain',
      '“explain” is a command and must come first; for an image of that name, write explain:latest',
    ],
  ])('%s is answered with the one that was meant', (line, answer) => {
    expect(mistyped(line)).toBe(answer)
  })

  test.each([
    ...['nginx', 'alpine', 'redis', 'node', 'debian', 'deno:latest', 'library/deno', 'docker.io/demo'],
    ...['demmo@sha256:0', 'host-snapsho', 'alpine demmo'],
  ])('%s is an image', (line) => {
    expect(given(line)).toEqual({ images: line.split(' ').join(',') })
  })

  test('a setting shows that an image is meant', () => {
    expect(given('deno --registry a.b')).toEqual({ images: 'deno', registry: 'a.b' })
    expect(given('a.b/c explain --depth full')).toEqual({ images: 'a.b/c,explain', depth: 'full' })
  })

  test('an option near a setting is left to the settings', () => {
    expect(given('--dept full')).toEqual({ dept: 'full' })
  })
})

describe('to watch', () => {
  test.each<[string, Record<string, string>]>([
    ['watch a.b', { mode: 'watch', registries: 'a.b' }],
    [
      'watch a.b https://c.d:5000 --once',
      { mode: 'watch', registries: 'a.b,https://c.d:5000', once: 'true' },
    ],
    ['watch http://a.b/', { mode: 'watch', registries: 'http://a.b/' }],
    ['watch a.b/team/app localhost:5000/x', { mode: 'watch', repo: 'a.b/team/app,localhost:5000/x' }],
    ['watch a.b --repo team/*', { mode: 'watch', registries: 'a.b', repo: 'team/*' }],
    ['watch', { mode: 'watch' }],
  ])('%s', (line, settings) => {
    expect(given(line)).toEqual(settings)
  })

  test('a mistyped command is reported', () => {
    expect(mistyped('wach a.b')).toBe('There is no command “wach”; did you mean watch?')
  })
})

describe('to read a cluster', () => {
  test.each([
    ['cluster', { mode: 'cluster' }],
    ['cluster --kube-context prod --wait 5m', { mode: 'cluster', kube_context: 'prod', wait: '5m' }],
    ['cluster --namespaces a --namespaces b', { mode: 'cluster', namespaces: 'a,b' }],
  ])('%s', (line, settings) => {
    expect(given(line)).toEqual(settings)
  })

  test('takes no image', () => {
    const command = readArguments(['cluster', 'a.b/c:1'])
    if (command.name !== 'verify') throw new Error(command.name)
    expect(command.problems).toMatchObject([{ setting: 'mode', value: 'a.b/c:1' }])
  })
})

describe('to scan', () => {
  test.each([
    ['scan /srv/registry', { mode: 'scan', storage: '/srv/registry' }],
    ['scan --hash /srv/registry', { mode: 'scan', storage: '/srv/registry', hash: 'true' }],
    ['scan ./a,b --hash --state-dir /x', { mode: 'scan', storage: './a,b', hash: 'true', state_dir: '/x' }],
    ['scan -- --odd', { mode: 'scan', storage: '--odd' }],
    ['scan', { mode: 'scan' }],
    ['--mode scan --storage /x', { mode: 'scan', storage: '/x' }],
  ])('%s', (line, settings) => {
    expect(given(line)).toEqual(settings)
  })

  test('takes one root', () => {
    const command = readArguments(['scan', '/a', 'b'])
    if (command.name !== 'verify') throw new Error(command.name)
    expect(command.problems).toEqual([
      { setting: 'storage', value: '/a b', message: 'must be one folder, in one argument' },
    ])
  })

  test('mistyped', () => {
    expect(mistyped('scna /srv/registry')).toBe('There is no command “scna”; did you mean scan?')
    expect(mistyped('scan /x --verison')).toBe('There is no option “--verison”; did you mean --version?')
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
    ['a choice that can be true needs no value', '--delete_untagged', { delete_untagged: 'true' }],
    [
      'and takes any of its values',
      '--delete_untagged auto a.b/c',
      { delete_untagged: 'auto', images: 'a.b/c' },
    ],
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

  test('the name of another setting is not a value', () => {
    expect(readArguments(['--tags', '--checks', 'image'])).toMatchObject({
      settings: new Map([['checks', 'image']]),
      problems: [{ setting: 'tags', message: 'needs a value' }],
    })
  })

  test('the word verify may come first', () => {
    expect(given('verify a.b/c:1 --depth full')).toEqual({ images: 'a.b/c:1', depth: 'full' })
    expect(given('verify demo explain')).toEqual({ images: 'demo,explain' })
    expect(readArguments(['verify'])).toEqual(readArguments([]))
  })

  test('everything after -- is a reference', () => {
    expect(given('--depth full -- a.b/c --x')).toEqual({ images: 'a.b/c,--x', depth: 'full' })
  })

  test('an unknown name is kept, for the settings to judge', () => {
    expect(given('--tgas 1')).toEqual({ tgas: '1' })
    expect(given('--nothing')).toEqual({ nothing: '' })
  })

  test('a value is taken as it is, blanks and all', () => {
    const command = readArguments(['--password', ' a b\n'])
    expect(command.name === 'verify' && command.settings.get('password')).toBe(' a b\n')
  })
})

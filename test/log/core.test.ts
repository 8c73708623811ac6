import { describe, expect, test } from 'vitest'
import type { Core } from '../../src/log/core.ts'
import { PLATFORMS, testLogger } from './logger.ts'

const logOneOfEach = (core: Core): void => {
  core.startGroup('Image a:1')
  core.info('pulled\n  12 layers')
  core.startGroup('Layers')
  core.notice('new tag')
  core.endGroup()
  core.warning('slow: 50%', { title: 'RG-002' })
  core.error(new Error('gone\nfor good'), { title: 'RG,1', file: 'ci.yml', startLine: 3 })
  core.debug('GET /v2/ 100%\n200')
  core.endGroup()
  core.endGroup()
}

const TEXT = [
  'NOTICE new tag',
  'WARNING RG-002: slow: 50%',
  'ERROR RG,1: Error: gone',
  '  for good',
  '  at ci.yml:3',
]
const PLAIN = ['Image a:1', 'pulled', '  12 layers', 'Layers', ...TEXT, 'debug GET /v2/ 100%', '  200']
const GOLDEN = {
  plain: PLAIN,
  woodpecker: PLAIN,
  forgejo: [
    '::group::Image a:1',
    'pulled',
    '  12 layers',
    '::group::Layers',
    'NOTICE new tag',
    '::endgroup::',
    ...TEXT.slice(1),
    '::debug::GET /v2/ 100%',
    '::debug::200',
    '::endgroup::',
  ],
  gitea: [
    '::group::Image a:1',
    'pulled',
    '  12 layers',
    'Layers',
    ...TEXT,
    '::debug::GET /v2/ 100%',
    '::debug::200',
    '::endgroup::',
  ],
  github: [
    '::group::Image a:1',
    'pulled',
    '  12 layers',
    'Layers',
    '::notice::new tag',
    '::warning title=RG-002::slow: 50%25',
    '::error title=RG%2C1,file=ci.yml,line=3::Error: gone%0Afor good',
    '::debug::GET /v2/ 100%25%0A200',
    '::endgroup::',
  ],
}

describe.each(PLATFORMS)('on %s', (platform) => {
  test('the log is as the platform’s page expects it', () => {
    const { core, lines } = testLogger(platform, { level: 'debug' })
    logOneOfEach(core)
    expect(lines()).toEqual(GOLDEN[platform])
  })

  test('colour marks the level, and is absent when switched off', () => {
    const coloured = testLogger(platform, { colour: true, level: 'debug' })
    logOneOfEach(coloured.core)
    coloured.core.info('\u001b[32mok\u001b[0m')
    expect(coloured.lines().at(-1)).toBe('\u001b[32mok\u001b[0m')
    if (platform !== 'github') expect(coloured.text()).toContain('\u001b[1;31mERROR\u001b[0m RG,1: ')
    if (platform !== 'forgejo') expect(coloured.text()).toContain('\u001b[1mLayers\u001b[0m\n')

    const bare = testLogger(platform, { level: 'debug' })
    logOneOfEach(bare.core)
    bare.core.info('\u001b[32mok\u001b[0m')
    bare.core.error('\u001b[32mok\u001b[0m')
    bare.core.startGroup('\u001b[32mok\u001b[0m\n\u001b[1mx')
    expect(bare.text()).not.toContain('\u001b')
  })

  test('a group is closed when its function throws, with groups opened inside it', async () => {
    const { core, text } = testLogger(platform)
    const failing = core.group('a', () => {
      core.startGroup('b')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    core.closeGroups()
    const [opened, closed] = [text().split('::group::'), text().split('::endgroup::')]
    expect(closed.length).toBe(opened.length)
    expect(await core.group('c', async () => 7)).toBe(7)
  })

  test('closeGroups closes every open group once', () => {
    const { core, text } = testLogger(platform)
    core.startGroup('a')
    core.startGroup('b')
    core.closeGroups()
    core.closeGroups()
    const ends = text().split('::endgroup::').length - 1
    expect(ends).toBe({ plain: 0, woodpecker: 0, forgejo: 2, gitea: 1, github: 1 }[platform])
  })

  test('20 equal lines are 20 lines, at once and in order', () => {
    const { core, lines } = testLogger(platform)
    for (let count = 0; count < 20; count += 1) core.info('same')
    core.error('last')
    expect(lines().slice(0, 20)).toEqual(Array(20).fill('same'))
    expect(lines()).toHaveLength(21)
    expect(lines()[20]).toContain('last')
  })
})

describe('levels', () => {
  test.each([
    ['silent', 0],
    ['error', 1],
    ['warn', 2],
    ['info', 4],
    ['debug', 5],
  ] as const)('%s writes %i of 5 lines', (level, count) => {
    const { core, lines } = testLogger('plain', { level })
    core.debug('1')
    core.info('2')
    core.notice('3')
    core.warning('4')
    core.error('5')
    expect(lines()).toHaveLength(count)
    expect(core.isDebug()).toBe(level === 'debug')
  })

  test("the runner's debug mode turns on debug lines, unless the log is silent", () => {
    const env = { RUNNER_DEBUG: '1' }
    for (const [level, lines] of [
      ['info', 1],
      ['silent', 0],
    ] as const) {
      const logger = testLogger('github', { env, level })
      expect(logger.core.isDebug()).toBe(true)
      logger.core.debug('x')
      expect(logger.lines()).toHaveLength(lines)
    }
  })

  test('an empty message is an empty line, not an object', () => {
    const { core, text } = testLogger('plain')
    core.info('')
    core.error('')
    expect(text()).toBe('\nERROR \n')
  })
})

describe('outcome', () => {
  test('setFailed logs an error and sets the exit code', () => {
    const { core, text } = testLogger('plain')
    expect(core.exitCode).toBe(0)
    core.setFailed(new Error('broken'))
    expect(core.exitCode).toBe(1)
    expect(text()).toBe('ERROR Error: broken\n')
  })

  test.each(['FORGEJO_OUTPUT', 'GITHUB_OUTPUT', 'GITEA_OUTPUT'])(
    'an output goes to the file in %s',
    (name) => {
      const { core, text, files } = testLogger('forgejo', { env: { FORGEJO_OUTPUT: '', [name]: '/out' } })
      core.setOutput('digest', 'sha256:ab')
      expect(files.get('/out')).toMatch(/^digest<<ghadelimiter_.{36}\nsha256:ab\nghadelimiter_.{36}\n$/)
      expect(text()).toBe('')
    },
  )

  test.each([
    [null, ''],
    [undefined, ''],
    [3, '3'],
    [{ a: ['x'] }, '{"a":["x"]}'],
  ])('the output %j is written as %j', (value, text) => {
    const { core, files } = testLogger('forgejo', { env: { FORGEJO_OUTPUT: '/out' } })
    core.setOutput('o', value)
    expect(files.get('/out')?.split('\n')[1]).toBe(text)
  })

  test.each(PLATFORMS)('without a file, no output is written on %s, and no command', (platform) => {
    const { core, text, files } = testLogger(platform, { level: 'debug' })
    core.setOutput('digest', 'sha256:ab')
    expect(text()).toMatch(/^(debug |::debug::)No output file: digest is not set\.\n$/)
    expect(files.size).toBe(0)
  })
})

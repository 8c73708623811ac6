import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fixLines } from '../../src/settings/fix.ts'
import { problemText } from '../../src/settings/problem.ts'
import { compileSettings } from './woodpecker.ts'

const fix = {
  repo: 'registry.example.com/team/app',
  tags: ['latest', '1.10'],
  password: { secret: 'registry_password' },
}

test('a problem shows its fix in the syntax of the platform', () => {
  expect(problemText({ setting: 'tags', value: 'x', message: 'is invalid', fix }).split('\n')).toEqual([
    'settings.tags: “x” is invalid:',
    '    settings:',
    '      repo: registry.example.com/team/app',
    '      tags:',
    '        - latest',
    '        - "1.10"',
    '      password:',
    '        from_secret: registry_password',
  ])
  expect(fixLines(fix, 'forgejo')).toEqual([
    'with:',
    '  repo: registry.example.com/team/app',
    '  tags: latest,1.10',
    `  password: \${{ secrets.REGISTRY_PASSWORD }}`,
  ])
  expect(fixLines(fix, 'plain')).toEqual([
    '--repo registry.example.com/team/app',
    '--tags latest,1.10',
    '--password "$REGISTRY_PASSWORD"',
  ])
})

describe('YAML reads a string as a string', () => {
  test.each([
    '1.10',
    '010',
    '1e3',
    '1_000',
    '0x1f',
    'true',
    'No',
    'null',
    'a: b',
    '- a',
    '#x',
    "it's",
    'a b',
    '',
    '@x',
    '1.2',
    'a.b/c:1',
    '*',
  ])('%j', (text) => {
    const yaml = fixLines({ tags: [text], tag: text }, 'woodpecker').join('\n')
    const { settings } = parse(yaml, { version: '1.1' })
    expect(settings).toEqual({ tags: [text], tag: text })
    expect(parse(fixLines({ tag: text }, 'github').join('\n'), { version: '1.1' })).toEqual({
      with: { tag: text },
    })
  })
})

test('Woodpecker compiles the fix to the intended settings', () => {
  const yaml = fixLines(fix, 'woodpecker')
    .slice(1)
    .map((line) => line.slice(2))
    .join('\n')
  expect(compileSettings(yaml, { secrets: { registry_password: 'p' } })).toEqual({
    PLUGIN_REPO: fix.repo,
    PLUGIN_TAGS: 'latest,1.10',
    PLUGIN_PASSWORD: 'p',
  })
})

import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { helpText, settingHelp } from '../../../src/cli/commands/help.ts'
import { version } from '../../../src/cli/version.ts'
import { commonSettings } from '../../../src/settings/common.ts'
import { metaOf } from '../../../src/settings/fields.ts'
import { schema, settingNames } from '../../../src/settings/schema.ts'

const text = stripVTControlCharacters(helpText('9.8.7'))
const lines = text.split('\n')

/** The lines of one setting: its heading, and what follows as one text. */
function entryOf(name: string, all = lines): { heading: string; about: string } {
  const start = all.findIndex((line) => new RegExp(`^ {2}--${name}(?: |$)`).test(line))
  expect(start).toBeGreaterThanOrEqual(0)
  const rest = all.slice(start + 1)
  const end = rest.findIndex((line) => !line.startsWith('      '))
  const about = rest
    .slice(0, end)
    .map((line) => line.trim())
    .join(' ')
  return { heading: all[start] ?? '', about }
}

test('the help fits 100 columns and ends its last line', () => {
  expect(lines.filter((line) => line.length > 100)).toEqual([])
  expect(lines.filter((line) => /\s$|\t/.test(line))).toEqual([])
  expect(text.endsWith('\n')).toBe(true)
})

test('the help names the version, every command and what the exit codes mean', () => {
  expect(lines[0]).toContain('9.8.7')
  for (const usage of ['[verify] REF', 'demo', 'explain ID', 'help SETTING', 'version']) {
    expect(text).toContain(`  regguard-plugin ${usage}`)
  }
  for (const code of [/\b0 all required/, /\b1 findings/, /\b2 bad settings/, /\b3 /, /\b130, 143 /]) {
    expect(text).toMatch(code)
  }
})

describe('every setting is described once', () => {
  test.each(settingNames)('--%s, with its text and its default', (name) => {
    const { text: about, defaultText } = metaOf(schema.shape[name])
    expect(lines.filter((line) => new RegExp(`^ {2}--${name}(?: |$)`).test(line))).toHaveLength(1)
    expect(entryOf(name).about).toBe(defaultText === undefined ? about : `${about} Default: ${defaultText}.`)
  })

  test('the common ones first, in the order of their list', () => {
    const named = lines.flatMap((line) => /^ {2}--(\w+)/.exec(line)?.[1] ?? [])
    expect(named.slice(0, commonSettings.size)).toEqual([...commonSettings])
    const heading = lines.findIndex((line) => line.startsWith('All other settings'))
    expect(lines.slice(heading).join('\n')).not.toMatch(/^ {2}--repo /m)
  })
})

test.each([
  ['depth', '  --depth <head|probe|full>'],
  ['tags', '  --tags <a,b,…>   also --tag'],
  ['checks', '  --checks <image,registry,path,runner,storage,…>'],
  ['require', '  --require <image,registry,path,runner,storage,…>'],
  ['username', '  --username <text>   also --user'],
  ['insecure', '  --insecure   also --plain_http'],
  ['timeout', '  --timeout <time>'],
  ['probe_budget', '  --probe_budget <size>'],
  ['concurrency', '  --concurrency <number>'],
])('the heading of %s shows its values and its other names', (name, heading) => {
  expect(entryOf(name).heading).toBe(heading)
})

describe('help SETTING', () => {
  const help = (name: string) => {
    const { ok, text: about } = settingHelp(name)
    return { ok, text: stripVTControlCharacters(about) }
  }

  test.each(['depth', '--depth', 'Depth'])('describes one setting: %s', (name) => {
    const { ok, text: about } = help(name)
    expect(ok).toBe(true)
    expect(about.split('\n')[0]).toBe('  --depth <head|probe|full>')
    expect(entryOf('depth', about.split('\n'))).toEqual(entryOf('depth'))
  })

  test('takes the other names of a setting', () => {
    for (const name of ['plain_http', 'plain-http'])
      expect(help(name).text).toMatch(/^ {2}--insecure {3}also --plain_http\n/)
  })

  test('lists every word that a setting may be', () => {
    expect(entryOf('require', help('require').text.split('\n')).about).toMatch(
      / Any of: image, registry, path, runner, storage, cluster, runner\.networks, .*\.$/,
    )
  })

  test('says how to give a secret', () => {
    expect(help('password').text).toContain('from_secret')
    expect(help('username').text).not.toContain('from_secret')
  })

  test.each([
    ['deth', 'There is no setting “deth”; did you mean depth?\n'],
    ['--pltaforms', 'There is no setting “pltaforms”; did you mean platforms?\n'],
    ['elephant', 'There is no setting “elephant”; “regguard-plugin help” lists them\n'],
    ['\u001b[31mx\ny', 'There is no setting “�[31mx ⏎ y”; “regguard-plugin help” lists them\n'],
  ])('names the nearest for %j', (name, answer) => {
    expect(help(name)).toEqual({ ok: false, text: answer })
  })
})

test('the version is that of the package', () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
})

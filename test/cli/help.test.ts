import { describe, expect, test } from 'vitest'
import { helpText } from '../../src/cli/help.ts'
import { version } from '../../src/cli/version.ts'
import { metaOf } from '../../src/settings/fields.ts'
import { schema, settingNames } from '../../src/settings/schema.ts'

const text = helpText('9.8.7')
const lines = text.split('\n')

test('the help fits a terminal and ends its last line', () => {
  expect(lines.filter((line) => line.length > 110)).toEqual([])
  expect(lines.filter((line) => /\s$|\t/.test(line))).toEqual([])
  expect(text.endsWith('\n')).toBe(true)
})

test('the help says which version it is of, how to call it and what its exit codes mean', () => {
  expect(lines[0]).toContain('9.8.7')
  for (const job of ['regguard-plugin REF', 'regguard-plugin demo', 'regguard-plugin explain ID']) {
    expect(text).toContain(job)
  }
  for (const code of [/\b0 all required/, /\b1 findings/, /\b2 bad settings/, /\b3 /, /\b130, 143 /]) {
    expect(text).toMatch(code)
  }
})

describe('every setting is told', () => {
  test.each(settingNames)('--%s, with all of its text and its default', (name) => {
    const { text: about, kind, defaultText } = metaOf(schema.shape[name])
    const heading = kind === 'boolean' ? `  --${name}` : `  --${name} <${kind}>`
    const start = lines.indexOf(heading)
    expect(start).toBeGreaterThan(0)
    const rest = lines.slice(start + 1)
    const end = rest.findIndex((line) => !line.startsWith('      '))
    const faultsOf = rest
      .slice(0, end)
      .map((line) => line.trim())
      .join(' ')
    expect(faultsOf).toBe(defaultText === undefined ? about : `${about} Default: ${defaultText}.`)
  })
})

test('the version is that of the package', () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
})

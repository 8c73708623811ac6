import { describe, expect, test } from 'vitest'
import { compileSettings } from './woodpecker.ts'

const variable = (name: string): string => `\${${name}}`

test.each<[string, Record<string, string>]>([
  ['dry-run: true', { PLUGIN_DRY_RUN: 'true' }],
  ['dry.run: false', { PLUGIN_DRY_RUN: 'false' }],
  ['anInt: 1', { PLUGIN_ANINT: '1' }],
  ['tag: 1.10', { PLUGIN_TAG: '1.1' }],
  ['tag: "1.10"', { PLUGIN_TAG: '1.10' }],
  ['tags: [a, b]', { PLUGIN_TAGS: 'a,b' }],
  ['tags: [1.2, latest]', { PLUGIN_TAGS: '1.2,latest' }],
  ['tags: ["a,b", c]', { PLUGIN_TAGS: 'a,b,c' }],
  ['tags: []', { PLUGIN_TAGS: '' }],
  ['tags: [a, ~]', { PLUGIN_TAGS: 'a,' }],
  ['tags: ~', {}],
  ['digest: ', {}],
  [`digest: ${variable('UNSET')}`, {}],
  [`digest: "${variable('UNSET')}"`, { PLUGIN_DIGEST: '' }],
  ['text: |\n  a\n  b\n', { PLUGIN_TEXT: 'a\nb\n' }],
  ['map: { entry2: [a, b, 3], entry1: x }', { PLUGIN_MAP: '{"entry1":"x","entry2":["a","b",3]}' }],
  ['list: [{ b: 1, a: true }]', { PLUGIN_LIST: '[{"a":true,"b":1}]' }],
])('%s', (yaml, env) => {
  expect(compileSettings(yaml)).toEqual(env)
})

describe('secrets', () => {
  const secrets = { registry_password: 'hunter2!' }

  test('are inserted anywhere in a setting, by a case-insensitive name', () => {
    expect(compileSettings('password: { from_secret: REGISTRY_password }', { secrets })).toEqual({
      PLUGIN_PASSWORD: 'hunter2!',
    })
    const logins = 'logins:\n  - registry: a.b\n    password:\n      from_secret: registry_password\n'
    expect(compileSettings(logins, { secrets })).toEqual({
      PLUGIN_LOGINS: '[{"password":"hunter2!","registry":"a.b"}]',
    })
  })

  test('that do not exist are an error', () => {
    expect(() => compileSettings('password: { from_secret: other }', { secrets })).toThrow('not found')
  })
})

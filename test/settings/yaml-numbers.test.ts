import { expect, test } from 'vitest'
import { lostZero, numberProblem, yamlNumber, yamlSiblings } from '../../src/settings/yaml-numbers.ts'

test.each([
  ['1.10', '1.1'],
  ['1.0', '1'],
  ['1.', '1'],
  ['.5', '0.5'],
  ['1', '1'],
  ['20240102', '20240102'],
  ['123456789012345678', '123456789012345678'],
  ['010', '8'],
  ['0o17', '15'],
  ['0123456', '42798'],
  ['089', '89'],
  ['0x1F', '31'],
  ['1_000', '1000'],
  ['1e3', '1000'],
  ['12345e67', '1.2345e+71'],
  ['-1', '-1'],
  ['1.10.0', undefined],
  ['v1.10', undefined],
  ['latest', undefined],
  ['1.10-rc', undefined],
  ['', undefined],
  ['.', undefined],
])('YAML reads an unquoted %j as %s', (written, number) => {
  expect(yamlNumber(written)).toBe(number)
})

test('the tags that YAML turns into another', () => {
  const tags = ['1.1', '1.10', '1.100', '1.01', '2.1', 'v1.1', '1.1.0', '01.1']
  expect(yamlSiblings('1.1', tags)).toEqual(['1.10', '1.100', '01.1'])
  expect(yamlSiblings('latest', ['latest', 'x'])).toEqual([])
})

test.each([
  ['1.1', '1.10'],
  ['10.25', '10.250'],
  ['1.10', undefined],
  ['1', undefined],
  ['1.1.1', undefined],
  ['1.0', undefined],
])('%s may have been %s', (tag, written) => {
  expect(lostZero(tag)).toBe(written)
})

test('a tag that can only come from a number is a problem', () => {
  expect(numberProblem('tags', '1.2345e+71')).toMatchObject({ setting: 'tags', value: '1.2345e+71' })
  expect(numberProblem('tags', '1e+30')).toBeDefined()
  for (const tag of ['a b', '1.2+3', 'e+1', '-x']) expect(numberProblem('tags', tag)).toBeUndefined()
})

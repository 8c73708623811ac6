import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  annotationProperties,
  escapeData,
  escapeProperty,
  formatCommand,
  toCommandValue,
} from '../../src/log/commands.ts'
import { hostileText } from './hostile.ts'
import { commandsIn } from './runner-grammar.ts'

describe("@actions/core's escapes", () => {
  test.each([
    ['100%', '100%25', '100%25'],
    ['a\r\nb', 'a%0D%0Ab', 'a%0D%0Ab'],
    ['%0A', '%250A', '%250A'],
    ['a:b,c', 'a:b,c', 'a%3Ab%2Cc'],
    ['%:\n', '%25:%0A', '%25%3A%0A'],
    ['', '', ''],
  ])('%j as data is %j, as a property %j', (value, data, property) => {
    expect(escapeData(value)).toBe(data)
    expect(escapeProperty(value)).toBe(property)
  })

  test.each([
    [null, ''],
    [undefined, ''],
    ['text', 'text'],
    [5, '5'],
    [false, 'false'],
    [{ a: 1 }, '{"a":1}'],
    [['a'], '["a"]'],
  ])('the value %j is %j', (value, text) => {
    expect(toCommandValue(value)).toBe(text)
  })
})

describe('the format of a command', () => {
  test.each([
    ['endgroup', {}, '', '::endgroup::'],
    ['debug', {}, 'a\nb', '::debug::a%0Ab'],
    ['error', { title: 'a,b:c', line: 3 }, 'x', '::error title=a%2Cb%3Ac,line=3::x'],
    ['error', { title: '', file: undefined, line: 0 }, 'x', '::error::x'],
    ['x', {}, { a: 1 }, '::x::{"a":1}'],
  ])('%s %j %j', (name, properties, data, command) => {
    expect(formatCommand(name, properties, data)).toBe(command)
  })

  test('annotation properties have the runner’s keys, without falsy ones', () => {
    const all = { title: 't', file: 'f', startLine: 1, endLine: 2, startColumn: 3, endColumn: 4 }
    expect(annotationProperties(all)).toEqual({
      title: 't',
      file: 'f',
      line: 1,
      endLine: 2,
      col: 3,
      endColumn: 4,
    })
    expect(annotationProperties({ title: '', startLine: 0 })).toEqual({})
  })

  test('no data and no property starts another command for GitHub', () => {
    fc.assert(
      fc.property(hostileText(), hostileText(), (title, data) => {
        const command = formatCommand('error', { title }, data)
        expect(command).not.toMatch(/[\r\n]/)
        expect(commandsIn(command).at(-1) === 'error' || command.includes('##')).toBe(true)
        expect(command.slice(0, command.indexOf('::', 2))).toMatch(/^::error( title=[^:,]*)?$/)
      }),
    )
  })
})

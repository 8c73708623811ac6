import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safeLine } from '../../src/log/safe-line.ts'
import { stripColour } from '../../src/log/text.ts'
import { hostileText } from './hostile.ts'
import { commandsIn } from './runner-grammar.ts'

describe('a command becomes readable text', () => {
  test.each([
    ['::set-env name=A::b', '· ::set-env name=A::b'],
    ['  ::error::x', '  · ::error::x'],
    ['\u00a0\ufeff::error::x', '\u00a0\ufeff· ::error::x'],
    ['\t::error::x', '  · ::error::x'],
    ['\u001b[31m::error::x', '\u001b[31m· ::error::x'],
    [':\u001b[0m:error::x', '· :\u001b[0m:error::x'],
    ['##[group]x', '## [group]x'],
    ['text ##[set-env name=A]b', 'text ## [set-env name=A]b'],
    ['###[a]', '### [a]'],
    ['##\u001b[0m[a]', '## \u001b[0m[a]'],
    ['##VSO[task.x]', '## VSO[task.x]'],
  ])('%j is written as %j', (line, safe) => {
    expect(safeLine(line)).toBe(safe)
  })
})

describe('control and bidi characters', () => {
  test.each([
    ['a\rb\nc', 'a\ufffdb\ufffdc'],
    ['a\u001b[2Jb', 'a\ufffd[2Jb'],
    ['a\u001b]0;title\u0007', 'a\ufffd]0;title\ufffd'],
    ['\u009b31m\u0000\u007f', '\ufffd31m\ufffd\ufffd'],
    ['a\u202eb\u2066c\u2028d\u2029', 'a\ufffdb\ufffdc\ufffdd\ufffd'],
    ['\u001b[1;31mred\u001b[0m', '\u001b[1;31mred\u001b[0m'],
    ['\u001b[38:2::1m', '\ufffd[38:2::1m'],
    ['lone \ud800 half', 'lone \ufffd half'],
  ])('%j is written as %j', (line, safe) => {
    expect(safeLine(line)).toBe(safe)
  })

  test('ordinary text is unchanged', () => {
    for (const line of [
      '',
      'a::b',
      'docker.io/library/alpine:3.20',
      '# [x]',
      'Größe 日本 👩‍💻',
      'IPv6 [::1]:5000',
    ]) {
      expect(safeLine(line)).toBe(line)
    }
  })
})

describe('any line', () => {
  test('no runner finds a command in it, with or without its colour', () => {
    fc.assert(
      fc.property(hostileText(), (line) => {
        const safe = safeLine(line)
        expect(commandsIn(safe)).toEqual([])
        expect(commandsIn(stripColour(safe))).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  test('it is one line without control characters', () => {
    fc.assert(
      fc.property(hostileText(), (line) => {
        expect(stripColour(safeLine(line))).not.toMatch(
          /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
        )
      }),
      { numRuns: 3000 },
    )
  })

  test('a second pass changes nothing', () => {
    fc.assert(fc.property(hostileText(), (line) => safeLine(safeLine(line)) === safeLine(line)))
  })
})

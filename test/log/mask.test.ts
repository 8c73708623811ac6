import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMask, type Mask } from '../../src/log/mask.ts'
import { clearlyMoreThanLinear, growthOf } from '../support/growth.ts'

const maskOf = (...secrets: string[]): Mask => {
  const mask = createMask()
  for (const secret of secrets) mask.add(secret)
  return mask
}
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
const form = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)
const goJson = (text: string): string =>
  JSON.stringify(text).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const SECRET = 'pä ss"w\\o/r+d&<x>?~ÿ'

describe('a secret is masked in every encoding', () => {
  test.each([
    ['raw', SECRET],
    ['base64', base64(SECRET)],
    ['base64 without padding', base64(SECRET).replaceAll('=', '')],
    ['base64url', base64url(SECRET)],
    ['base64 in a query', encodeURIComponent(base64(SECRET))],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['form-encoded', form(SECRET)],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(SECRET).slice(1, -1)).slice(1, -1)],
    ['URL-encoded JSON', encodeURIComponent(JSON.stringify(SECRET).slice(1, -1))],
    ["Go's JSON", goJson(SECRET).slice(1, -1)],
    ['ASCII JSON', asciiJson(SECRET).slice(1, -1)],
    ['HTML', SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&#34;')],
  ])('%s', (_, text) => {
    expect(maskOf(SECRET).apply(`before ${text} after`)).toBe('before ******** after')
  })

  test.each(['u:', 'me:', 'bob:', 'user:', 'a-longer-user:'])('in the Basic header of %s', (user) => {
    const header = `Basic ${base64(`${user}hunter2!`)}`
    const masked = maskOf('hunter2!').apply(header)
    expect(masked).toMatch(/^Basic [\w+/]*\*{8}$/)
    expect(Buffer.from(masked.slice(6).replaceAll('*', ''), 'base64').toString()).not.toContain('h')
  })

  test('in the auth of a Docker config, inside other base64 text', () => {
    const auth = base64('robot$ci:s3cr3t-token:and more')
    expect(maskOf('s3cr3t-token').apply(`{"auth":"${auth}"}`)).toMatch(/^\{"auth":"[\w+/]+\*{8}[\w+/=]+"\}$/)
  })
})

describe('several lines, several secrets', () => {
  test('a secret of several lines is masked as a whole, line by line, and with other line endings', () => {
    const mask = maskOf('first line\nsecond line\r\nend\n')
    expect(mask.apply('first line\r\nsecond line\nend\n')).toBe('********')
    expect(mask.apply('see: second line!')).toBe('see: ********!')
    expect(mask.apply('first line\\nsecond line\\nend')).toBe('********')
    expect(mask.apply('the end')).toBe('the end')
  })

  test('a secret is found without the blanks around it', () => {
    expect(maskOf(' token-123\n').apply('x=token-123;')).toBe('x=********;')
  })

  test('a secret that contains another is masked completely, in either order', () => {
    for (const secrets of [
      ['abcd', 'xabcdx'],
      ['xabcdx', 'abcd'],
    ]) {
      expect(maskOf(...secrets).apply('xabcdx abcd')).toBe('******** ********')
    }
  })

  test('a secret that overlaps itself is masked completely', () => {
    expect(maskOf('abab').apply('<ababab>')).toBe('<********>')
  })

  test('secrets that overlap in the text are masked completely', () => {
    expect(maskOf('abcdef', 'defghi').apply('<abcdefghi>')).toBe('<********>')
  })

  test('a secret that is over is not masked any more, unless it was added once more', () => {
    const mask = maskOf('a-token', 'password')
    mask.add('password')
    for (const secret of ['a-token', 'password', 'unknown']) mask.remove(secret)
    expect(mask.apply('a-token password unknown')).toBe('a-token ******** unknown')
    mask.remove('password')
    expect(mask.apply('password')).toBe('password')
  })

  test('a secret added later is masked from then on', () => {
    const mask = maskOf('first-secret')
    expect(mask.apply('second-secret')).toBe('second-secret')
    mask.add('second-secret')
    expect(mask.apply('first-secret second-secret')).toBe('******** ********')
  })

  test('three characters, blanks and asterisks are not masked', () => {
    const mask = maskOf('', '   ', '      ', 'abc', ' ab\n', '********')
    expect(mask.apply('abc       ******** ab')).toBe('abc       ******** ab')
  })
})

describe('long secrets and long texts', () => {
  test('a secret of 20000 characters is masked, and no error quotes it', () => {
    const long = '😀\\"&x'.repeat(4000)
    const mask = maskOf(long)
    expect(mask.apply(`<${long}>`)).toBe('<********>')
    expect(mask.apply(`<${JSON.stringify(long).slice(1, -1)}>`)).toBe('<********>')
    expect(mask.apply(`<${base64(long)}>`)).toBe('<********>')
  })

  test('parts do not split line endings and runs of backslashes', () => {
    for (let lead = 120; lead < 260; lead += 1) {
      const secret = `${'a1'.repeat(lead / 2)}\r\n${'\\'.repeat(lead % 30)}"${'b2'.repeat(100)}`
      const mask = maskOf(secret)
      for (const text of [secret, secret.replace('\r', ''), JSON.stringify(secret).slice(1, -1)]) {
        expect(mask.apply(`<${text}>`)).toBe('<********>')
      }
    }
    expect(maskOf(`x${'\\'.repeat(50_000)}`).apply(`<x${'\\'.repeat(50_000)}>`)).toBe('<********>')
  })

  test('no part of a very long secret is so short that it matches by chance', () => {
    for (const length of [257, 513, 33_100]) {
      const secret = Array.from({ length }, (_, index) => String.fromCharCode(0x4e00 + (index % 5000))).join(
        '',
      )
      const mask = maskOf(secret)
      expect(mask.apply(`x ${secret.slice(0, 100)}`)).toBe(`x ${secret.slice(0, 100)}`)
      expect(mask.apply(`x ${secret} y`)).toBe('x ******** y')
    }
  })

  test.each(['\\', '\\\\\\"', '"a', '%5C%5C'])(
    'text made of %j to be searched for long is not',
    async (part) => {
      const mask = maskOf(`${'\\'.repeat(60)}end`, '\\"'.repeat(40), '"a"'.repeat(20), '%5C\\"'.repeat(20))
      const search = (length: number) => mask.apply(part.repeat(length / part.length))
      expect(await growthOf(search, 6000)).toBeLessThan(clearlyMoreThanLinear)
    },
  )
})

describe('any secret', () => {
  const secrets = fc
    .oneof(fc.string({ unit: 'grapheme', minLength: 4 }), fc.string({ unit: 'binary', minLength: 4 }))
    .filter((text) => !/^[\s*]*$/.test(text) && text.isWellFormed())
  const contexts = fc.string({ maxLength: 7 })

  test('is masked in every text encoding', () => {
    fc.assert(
      fc.property(secrets, contexts, contexts, (secret, before, after) => {
        const forms = [
          secret,
          encodeURIComponent(secret),
          form(secret),
          JSON.stringify(secret).slice(1, -1),
          goJson(secret).slice(1, -1),
          asciiJson(secret).slice(1, -1),
          JSON.stringify(JSON.stringify(secret)).slice(3, -3),
          encodeURIComponent(JSON.stringify(secret).slice(1, -1)),
        ]
        for (const text of forms) {
          const masked = maskOf(secret).apply(`${before}${text}${after}`)
          expect(masked).toContain('********')
          expect(masked.length).toBeLessThanOrEqual(before.length + after.length + 8)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('inside base64, at most the characters of its neighbours remain', () => {
    fc.assert(
      fc.property(secrets, contexts, contexts, (secret, before, after) => {
        for (const encode of [base64, base64url]) {
          const masked = maskOf(secret).apply(encode(before + secret + after))
          const neighbours = Buffer.byteLength(before) + Buffer.byteLength(after)
          expect(masked).toContain('********')
          expect(masked.replaceAll('*', '').length).toBeLessThanOrEqual(Math.ceil((neighbours * 4) / 3) + 2)
        }
      }),
      { numRuns: 500 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashAlgorithm, parseDigest, shortDigest } from '../../src/oci/digest.ts'

const sha256 = `sha256:${'ab12'.repeat(16)}`
const sha512 = `sha512:${'ab12'.repeat(32)}`

describe('a digest is parsed by the grammar of image-spec', () => {
  test.each([
    [sha256, 'sha256', 'ab12'.repeat(16)],
    [sha512, 'sha512', 'ab12'.repeat(32)],
    ['blake3:AZaz09=_-', 'blake3', 'AZaz09=_-'],
    ['sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564', 'sha256+b64u', /^LCa/],
    ['a.b_c-d:x', 'a.b_c-d', 'x'],
  ])('%s', (text, algorithm, encoded) => {
    expect(parseDigest(text)).toEqual({
      algorithm,
      encoded: typeof encoded === 'string' ? encoded : expect.stringMatching(encoded),
    })
  })

  test.each([
    '',
    'sha256',
    'sha256:',
    ':ab12',
    `sha256:${'AB12'.repeat(16)}`,
    `sha256:${'ab12'.repeat(15)}ab1`,
    `sha256:${'ab12'.repeat(16)}a`,
    `sha512:${'ab12'.repeat(16)}`,
    `SHA256:${'ab12'.repeat(16)}`,
    ` ${sha256}`,
    `${sha256}\n`,
    'sha256+:x',
    '+sha256:x',
    'a:b:c',
    'a:b/c',
    'a:bä',
  ])('%j is not a digest', (text) => {
    expect(parseDigest(text)).toBeUndefined()
  })

  test.each(['constructor:ab', 'toString:ab', '__proto__:ab', 'hasownproperty:ab'])(
    '%s is an unknown algorithm or invalid, and causes no error',
    (text) => {
      expect(() => parseDigest(text)).not.toThrow()
      expect(hashAlgorithm(text)).toBeUndefined()
    },
  )
})

test('only algorithms that can be computed are judged', () => {
  expect([sha256, sha512, 'blake3:ab', 'no digest'].map(hashAlgorithm)).toEqual([
    'sha256',
    'sha512',
    undefined,
    undefined,
  ])
})

test('a digest in output for people has eight of its digits', () => {
  expect(shortDigest(sha256)).toBe('sha256:ab12ab12…')
  expect(shortDigest('blake3:ab12ab12ab12')).toBe('blake3:ab12ab12ab12')
  expect(shortDigest('')).toBe('')
})

test('no input makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (algorithm, encoded) => {
      const text = `${algorithm}:${encoded}`
      const digest = parseDigest(text)
      if (digest) expect(`${digest.algorithm}:${digest.encoded}`).toBe(text)
    }),
    { numRuns: 2000 },
  )
})

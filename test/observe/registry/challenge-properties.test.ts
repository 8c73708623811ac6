import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseChallenges } from '../../../src/observe/registry/challenge.ts'

const tokenChars = "!#$%&'*+.^_`|~-ABCXYZabcxyz0189"
const token = fc.string({ unit: fc.constantFrom(...tokenChars), minLength: 1, maxLength: 8 })
const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
})
const space = fc.constantFrom('', ' ', '\t', '  ')

/** A parameter with the text that stands for it: bare where that is possible, quoted with any escapes else. */
const parameter = fc
  .record({
    name: token,
    before: space,
    after: space,
    bare: fc.boolean(),
    word: token,
    text: printable,
    escapeAll: fc.boolean(),
  })
  .map(({ name, before, after, bare, word, text, escapeAll }) => {
    const quoted = `"${text.replace(escapeAll ? /./g : /["\\]/g, String.raw`\$&`)}"`
    return {
      name: name.toLowerCase(),
      value: bare ? word : text,
      text: `${name}${before}=${after}${bare ? word : quoted}`,
    }
  })

const challenge = fc
  .record({
    scheme: token,
    parameters: fc.uniqueArray(parameter, { selector: ({ name }) => name, maxLength: 5 }),
  })
  .map(({ scheme, parameters }) => ({
    scheme: scheme.toLowerCase(),
    parameters: Object.fromEntries(parameters.map(({ name, value }) => [name, value])),
    text: [scheme, parameters.map(({ text }) => text).join(', ')].filter(Boolean).join(' '),
  }))

const told = ({ scheme, parameters }: { scheme: string; parameters: Record<string, string> }) => [
  scheme,
  { ...parameters },
]

describe('any well-formed challenge', () => {
  test('is read as it was written, in one header or in several', () => {
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1, maxLength: 3 }), fc.boolean(), (all, together) => {
        const texts = all.map(({ text }) => text)
        const headers = together ? [texts.join(', ')] : texts
        fc.pre(headers.every((header) => header.length <= 8192))
        expect(parseChallenges(headers).map(told)).toEqual(all.map(told))
      }),
      { numRuns: 500 },
    )
  })
})

describe('hostile text', () => {
  test('never throws, and gives schemes and names of token characters only', () => {
    const piece = fc.constantFrom(
      'Bearer ',
      'realm',
      '=',
      '"',
      '\\',
      ',',
      ' ',
      '\n',
      'é',
      '\u0000',
      '__proto__',
      '😀',
      ';',
    )
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(piece, { maxLength: 300 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), (headers) => {
        for (const { scheme, parameters } of parseChallenges(headers)) {
          for (const word of [scheme, ...Object.keys(parameters)])
            expect(word).toMatch(/^[!#$%&'*+.^_`|~\w-]+$/)
        }
      }),
      { numRuns: 200 },
    )
  })

  // Each of these is read in under a millisecond; a way of reading that looks back further and further takes 100 and more.
  test.each([
    ['open quotes', 'a="'.repeat(2730)],
    ['escaped quotes', `a="${String.raw`\"`.repeat(4090)}`],
    ['backslashes', `a="${'\\'.repeat(8100)}`],
    ['words', 'a '.repeat(4096)],
    ['names without values', 'a= '.repeat(2730)],
    ['equals signs', '='.repeat(8192)],
    ['schemes', 'Bearer,'.repeat(1170)],
  ])('of 8 KiB of %s takes no time', (_, text) => {
    // The best of a few, because a busy machine may stop any one of them.
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now()
      parseChallenges([text])
      return performance.now() - started
    })
    expect(Math.min(...times)).toBeLessThan(50)
  })
})

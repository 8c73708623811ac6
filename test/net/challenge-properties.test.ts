import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseChallenges } from '../../src/net/challenge.ts'

const numRuns = 10_000
const tokenChars = "!#$%&'*+.^_`|~-ABCXYZabcxyz0189"
const token = fc.string({ unit: fc.constantFrom(...tokenChars), minLength: 1, maxLength: 8 })
const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
})
const space = fc.constantFrom('', ' ', '\t', '  ')

/** A parameter with its text: bare, or quoted with optional escapes. */
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

const comparable = ({ scheme, parameters }: { scheme: string; parameters: Record<string, string> }) => [
  scheme,
  { ...parameters },
]

describe('any well-formed challenge', () => {
  test('is parsed as it was written, in one header or in several', () => {
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1, maxLength: 3 }), fc.boolean(), (all, together) => {
        const texts = all.map(({ text }) => text)
        const headers = together ? [texts.join(', ')] : texts
        fc.pre(headers.every((header) => header.length <= 8192))
        expect(parseChallenges(headers).map(comparable)).toEqual(all.map(comparable))
      }),
      { numRuns },
    )
  })
})

describe('hostile input', () => {
  const piece = fc.constantFrom(
    ...['Bearer ', 'Basic', 'realm', '=', '"', '\\', ',', ';', ' ', '\t', '\n', '\u0000', '\u2028'],
    ...['é', '😀', '\ud800', '__proto__', 'constructor', 'scope="a:b', 'error=insufficient_scope'],
  )
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.array(piece, { maxLength: 80 }).map((all) => all.join('')),
  )
  const lengthOf = (parameters: Record<string, string>) =>
    Object.entries(parameters).reduce((sum, [name, value]) => sum + name.length + value.length, 0)

  test('never throws, and yields only token characters in names, and no more text than it contains', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), (headers) => {
        const challenges = parseChallenges(headers)
        for (const { scheme, parameters } of challenges) {
          for (const word of [scheme, ...Object.keys(parameters)])
            expect(word).toMatch(/^[!#$%&'*+.^_`|~\w-]+$/)
        }
        const length = challenges.reduce(
          (sum, { scheme, parameters }) => sum + scheme.length + lengthOf(parameters),
          0,
        )
        expect(length).toBeLessThanOrEqual(headers.reduce((sum, header) => sum + header.length, 0))
      }),
      { numRuns },
    )
  })

  // A parser that backtracks would take minutes for each of these.
  test.each([
    ['open quotes', 'a="'],
    ['escaped quotes', String.raw`a="\"`],
    ['backslashes', String.raw`a="\\`],
    ['words', 'a '],
    ['names without values', 'a= '],
    ['equals signs', '='],
    ['commas', ','],
    ['spaces', ' '],
    ['unparsable text', '@'],
    ['schemes', 'Bearer,'],
  ])('of a megabyte of %s is parsed up to 8 KiB', (_, unit) => {
    const text = unit.repeat(Math.floor(2 ** 20 / unit.length))
    for (const header of [text, `Bearer ${text}`, `Bearer realm="${text}`, `Bearer realm="x", ${text}`]) {
      const challenges = parseChallenges([header])
      expect(
        challenges.reduce((sum, { scheme, parameters }) => sum + scheme.length + lengthOf(parameters), 0),
      ).toBeLessThanOrEqual(8192)
    }
  })
})

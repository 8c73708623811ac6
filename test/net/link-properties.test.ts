import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPage, parseLinks } from '../../src/net/link.ts'

const numRuns = 10_000
const between = (first: number, last: number) =>
  fc.integer({ min: first, max: last }).map((code) => String.fromCharCode(code))
const token = fc.string({ unit: fc.constantFrom(..."!#$%&'*+.^_`|~-AXYaxyz09"), minLength: 1, maxLength: 6 })
const space = fc.constantFrom('', ' ', '\t', '  ')

/** A parameter with its text: without a value, bare, or quoted with optional escapes. */
const parameter = fc
  .record({
    name: token,
    spaces: fc.tuple(space, space, space, space),
    form: fc.constantFrom('none', 'bare', 'quoted', 'escaped'),
    word: token,
    text: fc.string({ unit: fc.oneof(between(0x20, 0x7e), between(0xa0, 0xff)), maxLength: 12 }),
  })
  .map(({ name, spaces: [a, b, c, d], form, word, text }) => {
    const quoted = `"${text.replace(form === 'escaped' ? /./g : /["\\]/g, String.raw`\$&`)}"`
    const value = form === 'none' ? '' : form === 'bare' ? word : text
    const written = form === 'none' ? '' : `${c}=${d}${form === 'bare' ? word : quoted}`
    return { name: name.toLowerCase(), value, text: `${a};${b}${name}${written}` }
  })

const link = fc
  .record({
    target: fc.string({ unit: between(0x20, 0x7e).filter((char) => !'<>'.includes(char)), maxLength: 20 }),
    parameters: fc.uniqueArray(parameter, { selector: ({ name }) => name, maxLength: 4 }),
  })
  .map(({ target, parameters }) => ({
    target,
    parameters: parameters.map(({ name, value }) => [name, value]),
    text: `<${target}>${parameters.map(({ text }) => text).join('')}`,
  }))

const comparable = ({
  target,
  parameters,
}: {
  target: string
  parameters: Record<string, string> | string[][]
}) => [target, Array.isArray(parameters) ? parameters : Object.entries(parameters)]

const byName = (all: unknown[]) => [...all].sort((a, b) => String(a).localeCompare(String(b)))
const sorted = ([target, parameters]: unknown[]) => [target, byName(parameters as unknown[])]

/** Pieces that break parsers of this grammar. */
const piece = fc.constantFrom(
  ...['<', '>', ';', ',', '"', '\\', '=', ' ', '\t', '\n', '\r', '\u0000', '\u2028', 'é', '😀', '\ud800'],
  ...['rel', 'rel=next', 'rel="next"', '?a', '/v2/_catalog?n=1', '__proto__', 'anchor', '#', '://', '%', '*'],
)
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.array(piece, { maxLength: 80 }).map((all) => all.join('')),
)

describe('any well-formed Link', () => {
  test('is parsed as it was written, in one header or in several', () => {
    fc.assert(
      fc.property(
        fc.array(link, { maxLength: 4 }),
        fc.constantFrom(',', ', ', ' , ,'),
        fc.boolean(),
        (all, comma, together) => {
          const texts = all.map(({ text }) => text)
          const read = parseLinks(together ? [texts.join(comma)] : texts)
          expect(read.map(comparable).map(sorted)).toEqual(all.map(comparable).map(sorted))
        },
      ),
      { numRuns },
    )
  })

  test('has the query of the next page, wherever that link is', () => {
    const query = fc
      .string({
        unit: between(0x21, 0x7e).filter((char) => !'<>#\\'.includes(char)),
        minLength: 1,
        maxLength: 40,
      })
      .map((text) => `?${text}`)
    const place = fc.constantFrom(
      '',
      '/v2/_catalog',
      'https://registry.test/v2/team/app/tags/list',
      'list',
      '//x',
    )
    const others = fc.array(
      link.filter(({ parameters }) => !parameters.some(([name]) => name === 'rel')),
      { maxLength: 2 },
    )
    const relation = fc.constantFrom('rel=next', 'rel="next"', 'REL="Next"', 'rel="last next"')
    fc.assert(
      fc.property(query, place, others, others, relation, (expected, at, before, after, rel) => {
        const header = [
          ...before.map(({ text }) => text),
          `<${at}${expected}>; ${rel}`,
          ...after.map(({ text }) => text),
        ]
        expect(nextPage([header.join(', ')])).toEqual({ more: true, query: expected })
      }),
      { numRuns },
    )
  })
})

describe('hostile input', () => {
  test('never throws, and yields nothing that it does not contain', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), (headers) => {
        const links = parseLinks(headers)
        const length = links.reduce(
          (sum, { target, parameters }) =>
            sum +
            target.length +
            2 +
            Object.entries(parameters).reduce((all, [name, value]) => all + name.length + value.length, 0),
          0,
        )
        expect(length).toBeLessThanOrEqual(headers.reduce((sum, header) => sum + header.length, 0))
        for (const { target, parameters } of links) {
          expect(target).not.toMatch(/[<>]/)
          for (const name of Object.keys(parameters)) expect(name).toMatch(/^[!#$%&'*+.^_`|~\w-]+$/)
        }
      }),
      { numRuns },
    )
  })

  test('never leads away from the requested list, nor into a new header line', () => {
    const requested = new URL('http://registry.test/v2/team/app/tags/list?n=100')
    const withNext = fc
      .tuple(hostile, hostile)
      .map(([target, rest]) => `<${target.replaceAll('>', '')}>; rel=next ${rest}`)
    fc.assert(
      fc.property(fc.oneof(hostile, withNext), (header) => {
        const next = nextPage([header])
        if (!next.more || next.query === undefined) return
        const url = new URL(`v2/team/app/tags/list${next.query}`, 'http://registry.test/')
        expect([url.origin, url.pathname, url.hash]).toEqual([requested.origin, requested.pathname, ''])
        expect(next.query).toMatch(/^\?[^\s#]{1,4095}$/)
        expect(next.query).not.toMatch(/\p{Cc}|\p{Cf}/u)
      }),
      {
        numRuns,
        examples: [['<//evil.test/x?a>; rel=next'], ['<?a\r\nx: y>; rel=next'], ['<?@evil.test>; rel=next']],
      },
    )
  })

  // A parser that backtracks would take minutes for each of these.
  test.each([
    ['commas', ','],
    ['spaces', ' '],
    ['open brackets', '<'],
    ['targets', '<>'],
    ['open targets', '<a,'],
    ['semicolons', '<>;'],
    ['quotes', '"'],
    ['open quotes', '<>;a="'],
    ['backslashes', '"\\'],
    ['escaped quotes', '<>;a="\\"'],
    ['parameters', '<>; a=b '],
    ['names', 'a'],
    ['equals signs', '<>;a= '],
  ])('of 64 KiB of %s is parsed to its end', (_, unit) => {
    const text = unit.repeat(Math.floor(65_536 / unit.length))
    expect(parseLinks([text, `${unit}${text}`, `<x>;a="${text}`]).length).toBeLessThan(65_536 * 3)
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseReference, type Reference, referenceName } from '../../src/oci/reference.ts'

const words =
  'a b1 team app A localhost docker.io index.docker.io library registry.example.com [::1] . - _ __ : :5000 @ / // sha256: é'
const piece = fc.constantFrom(...words.split(' '), ' ', '\n', '\u0000', 'ab12'.repeat(16))
const pieces = fc.array(piece, { maxLength: 9 }).map((parts) => parts.join(''))

const hostile = fc.oneof(
  pieces,
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,6}[a-z0-9])?$/)
const name = fc
  .tuple(label, fc.constantFrom('test', 'example.com', 'lan', 'io'))
  .map((labels) => labels.join('.'))
const port = fc.integer({ min: 1, max: 65_535 }).map((number) => `:${number}`)
const host = fc.oneof(
  fc.tuple(name, fc.oneof(fc.constant(''), port)).map((parts) => parts.join('')),
  fc
    .tuple(
      fc.oneof(label, fc.ipV4()).filter((text) => !/^0x|^\d+$/.test(text)),
      port,
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.ipV6().map((address) => `[${address}]`),
      fc.oneof(fc.constant(''), port),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('localhost', 'localhost:5000', '127.0.0.1', '[::1]', 'docker.io'),
)
const path = fc.array(fc.stringMatching(/^[a-z0-9]{1,5}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}$/), {
  minLength: 2,
  maxLength: 4,
})
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)
const digest = fc.stringMatching(/^[a-f0-9]{64}$/).map((hex) => `sha256:${hex}`)

const reference = fc.record({ host, path, tag: fc.option(tag), digest: fc.option(digest) }).map(
  (one): Reference => ({
    registry: one.host,
    apiHost: one.host === 'docker.io' ? 'registry-1.docker.io' : one.host,
    repository: one.path.join('/'),
    ...(one.tag === null ? {} : { tag: one.tag }),
    ...(one.digest === null ? {} : { digest: one.digest }),
  }),
)

const numRuns = 10_000

test('any printed reference is parsed back unchanged', () => {
  fc.assert(
    fc.property(reference, (value) => {
      expect(parseReference(referenceName(value))).toEqual({ ok: true, value })
    }),
    { numRuns },
  )
})

test('whatever parses prints to text that parses to the same, and makes a valid URL', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, reference.map(referenceName)), (text) => {
      const parsed = parseReference(text)
      if (!parsed.ok) {
        expect(parsed.problem).not.toBe('')
        expect(parsed.problem.length).toBeLessThan(text.length + 120)
        return
      }
      const { apiHost, repository, tag = 'latest', digest = tag } = parsed.value
      const again = referenceName(parsed.value)
      expect(parseReference(again)).toEqual(parsed)
      expect(again).not.toMatch(/[\s\p{Cc}]/u)
      const url = new URL(`v2/${repository}/manifests/${digest}`, `http://${apiHost}/`)
      expect([url.pathname, url.search, url.hash, url.username]).toEqual([
        `/v2/${repository}/manifests/${digest}`,
        '',
        '',
        '',
      ])
    }),
    {
      numRuns,
      examples: [
        ...[
          'Harbor/app',
          'alpine',
          '[::1]/a:b',
          'a.b:99999/c',
          '[::::]/a',
          '1.2.3.4.5/a',
          '999.1.1.1/a',
          '0x.1/a',
        ],
        ...['xn--a/b', 'xn--a.b/c', '[1]/a', '[fe80::1%25eth0]/a', 'a.b/./c', 'a.b/../c', 'a.b/%2e%2e/c'],
      ].map((text): [string] => [text]),
    },
  )
})

// A parser with quadratic backtracking would take minutes for each of these.
test.each([
  'a',
  'a.',
  'a-',
  '_',
  '__',
  'a_',
  '-',
  '.',
  '/',
  'a/',
  ':',
  'a:',
  '@',
  '[',
  '[:',
  '1.',
  'A',
  ' ',
  'é',
])('a megabyte of %j is refused with a short message, before and after a host', (unit) => {
  const text = unit.repeat(2 ** 20 / unit.length)
  for (const one of [text, `a.b/${text}`, `${text}/a`, `a.b/c:${text}`, `a.b/c@${text}`, `a.b:${text}/c`]) {
    const parsed = parseReference(one)
    expect(parsed.ok ? 'it was parsed' : parsed.problem.length).toBeLessThan(one.length + 120)
  }
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseReference, referenceName } from '../../src/oci/reference.ts'

const words =
  'a b1 team app A localhost docker.io index.docker.io library registry.example.com [::1] . - _ __ : :5000 @ / // sha256: é'
const piece = fc.constantFrom(...words.split(' '), ' ', '\n', '\u0000', 'ab12'.repeat(16))
const pieces = fc.array(piece, { maxLength: 9 }).map((parts) => parts.join(''))

const label = fc.stringMatching(/^[a-z0-9]{1,8}$/)
const host = fc.oneof(
  fc.tuple(label, label).map((labels) => labels.join('.')),
  fc.tuple(label, fc.nat(65_535)).map(([name, port]) => `${name}:${port}`),
  fc.constantFrom('localhost', '[::1]', '[2001:db8::7]:5000', 'docker.io', 'Registry.Example.com'),
)
const path = fc.array(fc.stringMatching(/^[a-z0-9]{1,5}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}$/), {
  minLength: 1,
  maxLength: 4,
})
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)
const digest = fc.stringMatching(/^[a-f0-9]{64}$/).map((hex) => `sha256:${hex}`)
const valid = fc
  .record({ host: fc.option(host), path, tag: fc.option(tag), digest: fc.option(digest) })
  .map((one) => ({
    name: one,
    text: `${one.host === null ? '' : `${one.host}/`}${one.path.join('/')}${
      one.tag === null ? '' : `:${one.tag}`
    }${one.digest === null ? '' : `@${one.digest}`}`,
  }))

test('whatever parses prints back to something that parses to the same', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        pieces,
        valid.map(({ text }) => text),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        const parsed = parseReference(text)
        if (!parsed.ok) {
          expect(parsed.problem).not.toBe('')
          return
        }
        const again = referenceName(parsed.value)
        expect(parseReference(again)).toEqual(parsed)
        expect(again).not.toMatch(/[\s\p{Cc}]/u)
      },
    ),
    { numRuns: 3000, examples: [['Harbor/app'], ['alpine'], ['[::1]/a:b']] },
  )
})

test('whatever follows the grammar parses, and keeps its tag and digest', () => {
  fc.assert(
    fc.property(
      valid.filter(
        ({ name: { host, path } }) => host !== null || !/^(localhost|.*\..*)$/.test(path[0] ?? ''),
      ),
      ({ name, text }) => {
        const parsed = parseReference(text)
        expect(parsed).toMatchObject({
          ok: true,
          value: {
            ...(name.tag === null ? {} : { tag: name.tag }),
            ...(name.digest === null ? {} : { digest: name.digest }),
          },
        })
        expect(parsed.ok && parsed.value.repository).toMatch(new RegExp(`${name.path.join('/')}$`))
      },
    ),
    { numRuns: 1000 },
  )
})

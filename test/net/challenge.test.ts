import { describe, expect, test } from 'vitest'
import { parseChallenges } from '../../src/net/challenge.ts'

const realm = 'https://auth.test/token'
const bearer = (parameters: Record<string, string>) => ({ scheme: 'bearer', parameters })
const basic = (parameters: Record<string, string>) => ({ scheme: 'basic', parameters })

/** Parses challenges, with ordinary prototypes so that they can be compared. */
const parse = (...headers: string[]) =>
  parseChallenges(headers).map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } }))

describe('a challenge', () => {
  test('of Docker Hub is parsed', () => {
    const header = `Bearer realm="${realm}",service="registry.test",scope="repository:a/b:pull,push"`
    const expected = { realm, service: 'registry.test', scope: 'repository:a/b:pull,push' }
    expect(parse(header)).toEqual([bearer(expected)])
  })

  test('keeps the colons and spaces of its scope', () => {
    const scope = 'repository:host:5000/a:pull repository:b:pull'
    expect(parse(`Bearer realm="${realm}",scope="${scope}"`)).toEqual([bearer({ realm, scope })])
  })

  test.each([
    ['scheme and names in any case', `bEaReR ReAlM="${realm}"`],
    ['bare values', `Bearer realm=${realm}`],
    ['spaces around the equals sign', `Bearer realm = "${realm}"`],
    ['more spaces after the scheme', `Bearer    realm="${realm}"`],
    ['spaces at both ends', `  Bearer realm="${realm}"  `],
    ['leading and trailing commas', `,, Bearer realm="${realm}" ,,`],
    ['a repeated name, of which the first counts', `Bearer realm="${realm}", realm="https://evil.test"`],
  ])('may have %s', (_, header) => {
    expect(parse(header)).toEqual([bearer({ realm })])
  })

  test('is unescaped', () => {
    expect(parse(String.raw`Basic realm="say \"hi\" \\ \x"`)).toEqual([
      basic({ realm: String.raw`say "hi" \ x` }),
    ])
  })

  test('may contain a comma and an equals sign in quotes', () => {
    expect(parse('Basic realm="a=b, Bearer realm=c"')).toEqual([basic({ realm: 'a=b, Bearer realm=c' })])
  })

  test('may have an empty value', () => {
    expect(parse('Bearer realm="",service=x')).toEqual([bearer({ realm: '', service: 'x' })])
  })

  test('may have no parameters', () => {
    expect(parse('Basic')).toEqual([basic({})])
  })

  test('cannot change a prototype by the name of a parameter', () => {
    const [challenge] = parseChallenges(['Bearer __proto__="x",constructor="y",realm="z"'])
    expect(Object.getPrototypeOf(challenge?.parameters ?? {})).toBeNull()
    expect(Object.keys(challenge?.parameters ?? {})).toEqual(['__proto__', 'constructor', 'realm'])
    expect(Object.hasOwn(Object.prototype, 'realm')).toBe(false)
  })
})

describe('a challenge after a word that cannot be parsed', () => {
  test.each(['=basic', '"basic', '=basic=x'])('%s is read', (word) => {
    expect(parse(`${word}, Bearer realm="${realm}"`)).toEqual([bearer({ realm })])
  })
})

describe('several challenges', () => {
  const both = [bearer({ realm, scope: '*' }), basic({ realm: 'Gitea' })]

  test('may be in several headers, as Forgejo sends them', () => {
    expect(parse(`Bearer realm="${realm}",scope="*"`, 'Basic realm="Gitea"')).toEqual(both)
  })

  test('may be in one header', () => {
    expect(parse(`Bearer realm="${realm}",scope="*", Basic realm="Gitea"`)).toEqual(both)
  })

  test('may start with one without parameters', () => {
    expect(parse(`Negotiate, Basic realm="Gitea"`)).toEqual([
      { scheme: 'negotiate', parameters: {} },
      basic({ realm: 'Gitea' }),
    ])
  })

  test('may include one with a token68 value', () => {
    const [first, last] =
      [parse(`Negotiate YIIabc==, Bearer realm="${realm}"`)].map((all) => [all[0], all.at(-1)])[0] ?? []
    expect(first?.scheme).toBe('negotiate')
    expect(last).toEqual(bearer({ realm }))
  })
})

describe('invalid input', () => {
  test.each([[''], [' , ,, '], ['"'], ['='], ['="x"'], ['realm="x"'], ['@@@'], ['\u0000\u0001']])(
    '%j has no scheme',
    (header) => {
      expect(parse(header)).toEqual([])
    },
  )

  test('may be no header at all', () => {
    expect(parse()).toEqual([])
  })

  test('before a valid challenge does not hide it', () => {
    expect(parse(`@@ "" Bearer realm="${realm}"`).at(-1)).toEqual(bearer({ realm }))
  })

  test('with an unclosed quote still has its scheme', () => {
    expect(parse('Bearer realm="https://auth')[0]?.scheme).toBe('bearer')
  })

  test('beyond 8 KiB is ignored', () => {
    expect(parse(`${' '.repeat(8192)}Bearer realm="${realm}"`)).toEqual([])
  })
})

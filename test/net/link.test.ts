import { describe, expect, test } from 'vitest'
import { nextPage, parseLinks } from '../../src/net/link.ts'

const end = { more: false }
const to = (query: string) => ({ more: true, query })
const unusable = { more: true, query: undefined }

describe('the next page', () => {
  test.each([
    ['registry:2 and 3', ['</v2/_catalog?last=b&n=2>; rel="next"'], '?last=b&n=2'],
    ['Gitea and Forgejo', ['</v2/team/app/tags/list?last=1.0&n=100>; rel="next"'], '?last=1.0&n=100'],
    [
      'ECR',
      ['<https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/_catalog?n=1&last=ab%3D%3D>; rel="next"'],
      '?n=1&last=ab%3D%3D',
    ],
    ['Quay', ['</v2/_catalog?n=50&next_page=gAAAAABk-_x==>; rel="next"'], '?n=50&next_page=gAAAAABk-_x=='],
    [
      'Harbor, with slashes in the cursor',
      ['</v2/_catalog?last=team/app/x&n=100>; rel="next"'],
      '?last=team/app/x&n=100',
    ],
    [
      'GitLab, with all directions in one header',
      [
        '<https://g.test/v2/a/tags/list?n=2>; rel="first", <https://g.test/v2/a/tags/list?n=2&before=c>; rel="prev", <https://g.test/v2/a/tags/list?n=2&last=d>; rel="next"',
      ],
      '?n=2&last=d',
    ],
    ['several headers', ['</a?1>; rel="prev"', '</a?2>; rel="next"'], '?2'],
    ['a bare value', ['</a?2>; rel=next'], '?2'],
    ['other cases and spaces', ['  <?2>  ;  REL = "NEXT"  '], '?2'],
    ['no spaces', ['</a?2>;rel=next,</a?1>;rel=prev'], '?2'],
    ['several relations in one parameter', ['</a?2>; rel="last next"'], '?2'],
    ['other parameters before and after', ['</a?2>; title="a, b; \\"c\\""; rel="next"; type=x'], '?2'],
    ['a comma and a semicolon in the target', ['</a?x=1,2;3>; rel="next"'], '?x=1,2;3'],
    ['an empty parameter', ['</a?2>; ; rel="next";'], '?2'],
    ['a fragment after it', ['</a?2#top>; rel="next"'], '?2'],
    ['unparsable text before it', ['nonsense; "a, b", </a?2>; rel=next'], '?2'],
    ['a cursor of 4,000 characters', [`</a?${'c'.repeat(4000)}>; rel="next"`], `?${'c'.repeat(4000)}`],
  ])('is found with %s', (_, headers, query) => {
    expect(nextPage(headers)).toEqual(to(query))
  })

  test.each([
    ['no header', []],
    ['an empty one', ['']],
    ['another relation', ['</a?1>; rel="prev"']],
    ['a relation that only starts with next', ['</a?1>; rel="next-archive"']],
    ['no relation', ['</a?1>']],
    ['the relation of another document', ['</a?1>; rel="next"; anchor="/b"']],
    ['a second relation, which does not count', ['</a?1>; rel="prev"; rel="next"']],
    ['a target without brackets', ['/a?1; rel="next"']],
    ['an unclosed bracket', ['</a?1; rel="next"']],
    ['an unclosed quote', ['</a?1>; title="; rel="next']],
  ])('is absent with %s', (_, headers) => {
    expect(nextPage(headers)).toEqual(end)
  })

  test.each([
    ['no query', '</v2/_catalog>; rel="next"'],
    ['an empty query', '</v2/_catalog?>; rel="next"'],
    ['a query in its fragment', '</v2/_catalog#?a>; rel="next"'],
    ['a space in its query', '</v2/_catalog?a b>; rel="next"'],
    ['a control character in its query', '</v2/_catalog?a\u0000>; rel="next"'],
    ['a backslash in its query', '</v2/_catalog?a\\b>; rel="next"'],
    ['a query that is too long', `</v2/_catalog?${'a'.repeat(4096)}>; rel="next"`],
  ])('exists but cannot be requested with %s', (_, header) => {
    expect(nextPage([header])).toEqual(unusable)
  })
})

test('a link has its target unchanged, and the first of each parameter', () => {
  expect(parseLinks([String.raw`<a, b>; Title="x\"y"; title=z; flag; n=1`, '<>'])).toEqual([
    { target: 'a, b', parameters: { title: 'x"y', flag: '', n: '1' } },
    { target: '', parameters: {} },
  ])
})

test('a parameter may have any name', () => {
  const [link] = parseLinks(['<a>; __proto__=x; constructor=y'])
  expect(Object.entries(link?.parameters ?? {})).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/path/search-domain-answer.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { answerOf, nameOf, namesOf, withNames } from '../../support/name-facts.ts'

const server = '10.43.0.10'
const extended = `${registry}.lan`

function withSearch(
  found: Parameters<typeof answerOf>[1],
  of = nameOf(registry, { [server]: ['203.0.113.7'] }),
) {
  const { config } = namesOf([of])
  const name = { ...of, searched: [{ ...answerOf(server, found), name: `${of.name}.lan` }] }
  return withNames([name], config ? { config: { ...config, search: ['lan'], ndots: 5 } } : {})
}

test('other addresses for the name with a search domain are a warning', () => {
  expect(faultsOf(check, withSearch(['198.51.100.1']))).toEqual([
    {
      subject: registry,
      severity: 'warning',
      message: `libc asks for ${extended} first: 198.51.100.1 instead of 203.0.113.7`,
      because: '/etc/resolv.conf has “search lan” and ndots:5, and the name has fewer dots than that.',
      evidence: [`libc for ${registry}: 203.0.113.7 (2 ms)`],
      cause: 'lan',
    },
  ])
})

test.each<Quiet>([
  ['a search domain without the name has no finding', withSearch('no-such-name')],
  ['the same address has no finding', withSearch(['203.0.113.7'])],
  [
    'a name without a dot is meant to be searched for',
    withSearch(['10.0.0.5'], nameOf('registry', { [server]: 'no-such-name' })),
  ],
  [
    'a name that is only in the search domain has no finding',
    withSearch(['10.0.0.5'], nameOf('registry.svc', { [server]: 'no-such-name' })),
  ],
  [
    'a pinned name is not searched for',
    withSearch(['198.51.100.1'], nameOf(registry, { [server]: ['203.0.113.7'] }, { pins: ['10.0.0.5'] })),
  ],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

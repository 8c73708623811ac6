import { expect, test } from 'vitest'
import check from '../../../src/checks/path/registry-not-internal.ts'
import type { NameFact } from '../../../src/facts/path/names.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { alive, dead, nameOf, withNames } from '../../support/name-facts.ts'

const server = '10.0.0.53'
const given = { internal_addresses: '10.0.0.0/8,fd00::/8' }

test('an address outside the ranges is an error', () => {
  expect(faultsOf(check, withNames([nameOf(registry, { [server]: ['203.0.113.7'] })]), given)).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: 'the name of the registry resolves to 203.0.113.7',
      expected: '10.0.0.0/8, fd00::/8',
      actual: '203.0.113.7',
      evidence: [
        `libc for ${registry}: 203.0.113.7 (2 ms)`,
        `${server} answers for ${registry}: 203.0.113.7`,
      ],
      explains: [registry],
    },
  ])
})

test.each(['token', 'storage'] as const)('the name of the %s host counts as well', (use) => {
  const name = nameOf('auth.example.com', { [server]: ['10.0.0.5', '203.0.113.7'] }, { uses: [use] })
  expect(faultsOf(check, withNames([name]), given)).toMatchObject([
    { message: `the name of the ${use} resolves to 203.0.113.7`, actual: '10.0.0.5, 203.0.113.7' },
  ])
})

test.each<Quiet>([
  [
    'an address in a range has no finding',
    withNames([nameOf(registry, { [server]: ['10.0.0.5', 'fd00::5'] })]),
    given,
  ],
  [
    'a name without an address is left to others',
    withNames([nameOf(registry, { [server]: 'no-such-name' })]),
    given,
  ],
  [
    'a name that is not on the path has no finding',
    withNames([nameOf('example.org', { [server]: ['203.0.113.7'] }, { uses: ['names'] })]),
    given,
  ],
  ['without the setting nothing is expected', withNames([nameOf(registry, { [server]: ['203.0.113.7'] })])],
  ['a run that asked for no name has no finding', () => {}, given],
])('%s', (_sentence, change, settings = {}) => {
  expect(faultsOf(check, change, settings)).toEqual([])
})

test('an address of an IP version that this machine has no route for does not count', () => {
  const libc = { state: 'found' as const, addresses: ['10.0.0.5', '2001:db8::10'], ms: 1 }
  const noRoute = dead('2001:db8::10')
  const [attempt] = noRoute.attempts
  if (attempt?.failure) attempt.failure.sign = 'no-route'
  const dual = (dialled: NameFact['dialled']) =>
    withNames([nameOf(registry, { [server]: ['10.0.0.5'] }, { libc, dialled })])
  expect(faultsOf(check, dual([alive('10.0.0.5'), noRoute]), given)).toEqual([])
  expect(faultsOf(check, dual([alive('10.0.0.5'), dead('2001:db8::10')]), given)).toHaveLength(1)
})

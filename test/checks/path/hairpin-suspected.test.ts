import { expect, test } from 'vitest'
import check from '../../../src/checks/path/hairpin-suspected.ts'
import { all, faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { alive, nameOf, withConnection, withDeadAddress, withNames } from '../../support/name-facts.ts'

const internal = '10.0.0.53'
const fallback = '9.9.9.9'
const inside = '10.0.0.5'
const outside = '203.0.113.7'
const given = { internal_addresses: '10.0.0.0/8' }

const atPublic = { state: 'found' as const, addresses: [outside], ms: 1 }
const split = nameOf(registry, { [internal]: [inside], [fallback]: [outside] }, { libc: atPublic })
const onlyPublic = nameOf(registry, { [fallback]: [outside] })

test('two independent signs are a warning that lists them', () => {
  expect(faultsOf(check, withNames([split]), given)).toEqual([
    {
      subject: registry,
      severity: 'warning',
      message: `resolves to ${outside}; 2 independent signs of a hairpin`,
      because: `${outside} is not in internal_addresses; another DNS server gives the internal address ${inside}.`,
      evidence: [`${internal} answers for ${registry}: ${inside}`],
      explains: [registry],
    },
  ])
})

test('it is an error where that address does not answer', () => {
  expect(faultsOf(check, all(withNames([split]), withDeadAddress(outside)), given)).toMatchObject([
    { severity: 'error' },
  ])
})

test('the same certificate at the internal address is a sign', () => {
  const dialled = [alive(outside, 'same'), alive(inside, 'same')]
  expect(faultsOf(check, withNames([{ ...split, dialled }]))).toMatchObject([
    {
      because: expect.stringContaining(`${inside} presents the same certificate as ${outside}`),
      evidence: expect.arrayContaining([`${inside}: HTTP 401, certificate of ${registry}`]),
    },
  ])
})

test('a connection in one millisecond is a sign', () => {
  expect(faultsOf(check, all(withNames([split]), withConnection(1)))).toMatchObject([
    { because: expect.stringContaining(`${outside} is only 1 ms away`) },
  ])
})

test('a private name with a public answer is a sign', () => {
  const lan = nameOf('registry.lan', { [fallback]: [outside] })
  expect(faultsOf(check, withNames([lan]), given)).toMatchObject([
    { because: expect.stringContaining('registry.lan is a name for private use') },
  ])
})

test.each<Quiet>([
  ['an address outside the ranges is one sign', withNames([onlyPublic]), given],
  ['servers that disagree are one sign', withNames([split])],
  [
    'a private name with a public answer is one sign',
    withNames([nameOf('registry.lan', { [fallback]: [outside] })]),
  ],
  ['a near address is one sign', all(withNames([onlyPublic]), withConnection(0))],
  ['a connection of 2 ms is no sign', all(withNames([split]), withConnection(2))],
  [
    'another certificate is no sign',
    withNames([{ ...split, dialled: [alive(outside, 'one'), alive(inside, 'other')] }]),
  ],
  [
    'an internal address is no hairpin',
    withNames([nameOf(registry, { [internal]: [inside], [fallback]: [outside] })]),
    given,
  ],
  ['an address from the hosts file is meant', withNames([{ ...split, pins: [outside] }]), given],
  ['a name from the setting alone is not on the path', withNames([{ ...split, uses: ['names'] }]), given],
  ['a run that asked for no name has no finding', () => {}, given],
])('%s', (_sentence, change, settings = {}) => {
  expect(faultsOf(check, change, settings)).toEqual([])
})

test('a public IPv6 address inside of a network is no hairpin', () => {
  const libc = { state: 'found' as const, addresses: ['2a01:4f8::10'], ms: 1 }
  const name = nameOf('registry.lan', { [internal]: { ipv4: 'no-data', ipv6: ['2a01:4f8::10'] } }, { libc })
  expect(faultsOf(check, withNames([name]), given)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/path/pin-stale.ts'
import { all, faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { alive, dead, nameOf, withDeadAddress, withNames } from '../../support/name-facts.ts'

const server = '10.0.0.53'
const old = '10.0.0.77'
const current = '10.0.0.5'
const dialled = [dead(old), alive(current)]
const stale = nameOf(registry, { [server]: [current] }, { pins: [old], dialled })

test('a dead pin is an error where the address from DNS answers', () => {
  expect(faultsOf(check, all(withNames([stale]), withDeadAddress(old)))).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: `pinned to ${old}, which does not answer; ${current} does`,
      evidence: [
        `${old}: no answer from ${old}`,
        `${current}: HTTP 401, certificate of ${registry}`,
        `${server} answers for ${registry}: ${current}`,
      ],
      explains: [registry],
    },
  ])
})

test('a pin that differs from DNS is a note where pins are expected', () => {
  expect(faultsOf(check, withNames([stale]), { expect_pins: 'true' })).toMatchObject([
    { severity: 'note', message: `pinned to ${old}; DNS gives ${current}` },
  ])
})

test.each<Quiet>([
  ['a pin that differs from DNS has no finding where all works', withNames([stale])],
  [
    'an address from DNS that is dead too has no finding: the host is down',
    all(withNames([{ ...stale, dialled: [dead(old), dead(current)] }]), withDeadAddress(old)),
  ],
  [
    'another address that does not answer has no finding',
    all(withNames([stale]), withDeadAddress('10.0.0.9')),
  ],
  [
    'a pin to what DNS gives has no finding',
    all(withNames([{ ...stale, pins: [current], dialled: [dead(current)] }]), withDeadAddress(current)),
    { expect_pins: 'true' },
  ],
  [
    'an internal pin of a public name is what pins are for',
    withNames([nameOf(registry, { [server]: ['203.0.113.7'] }, { pins: [current] })]),
    { expect_pins: 'true' },
  ],
  ['a name that is not pinned has no finding', withNames([{ ...stale, pins: [] }]), { expect_pins: 'true' }],
  ['a run that asked for no name has no finding', () => {}, { expect_pins: 'true' }],
])('%s', (_sentence, change, given = {}) => {
  expect(faultsOf(check, change, given)).toEqual([])
})

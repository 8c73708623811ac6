import { expect, test } from 'vitest'
import check from '../../../src/checks/path/pin-missing.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, withNames } from '../../support/name-facts.ts'

const server = '10.0.0.53'
const unpinned = nameOf(registry, { [server]: ['203.0.113.7'] })
const pinned = { ...unpinned, pins: ['10.0.0.5'] }
const other = nameOf('other.lan', { [server]: 'no-such-name' }, { uses: ['names'] })

test.each(['true', registry])('with %s, a name that is not in the hosts file is an error', (expect_pins) => {
  expect(faultsOf(check, withNames([unpinned]), { expect_pins })).toEqual([
    { subject: registry, severity: 'error', message: 'not in the hosts file; DNS gives 203.0.113.7' },
  ])
})

test('a name that is not on the path is expected where it is named', () => {
  expect(faultsOf(check, withNames([other]), { expect_pins: 'other.lan' })).toMatchObject([
    { subject: 'other.lan', message: 'not in the hosts file; DNS gives no address either' },
  ])
})

test('another address than the expected one is an error', () => {
  expect(faultsOf(check, withNames([pinned]), { expect_pins: `${registry}=10.0.0.6` })).toMatchObject([
    {
      severity: 'error',
      title: expect.stringMatching(/^Pin differs/),
      expected: '10.0.0.6',
      actual: '10.0.0.5',
    },
  ])
})

test.each<Quiet>([
  ['a pinned name has no finding', withNames([pinned]), { expect_pins: 'true' }],
  ['the expected address has no finding', withNames([pinned]), { expect_pins: `${registry}=10.0.0.5` }],
  ['a name that is only looked up needs no pin', withNames([other]), { expect_pins: 'true' }],
  ['a name that is not expected needs no pin', withNames([unpinned]), { expect_pins: 'other.lan' }],
  ['without the setting nothing is expected', withNames([unpinned])],
  ['a run that asked for no name has no finding', () => {}, { expect_pins: 'true' }],
])('%s', (_sentence, change, given = {}) => {
  expect(faultsOf(check, change, given)).toEqual([])
})

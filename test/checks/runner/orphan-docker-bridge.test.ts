import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/orphan-docker-bridge.ts'
import {
  allOf,
  linkOf,
  type QuietRunner,
  runnerFaultsOf,
  withLink,
  without,
} from '../../support/runner-facts.ts'

const orphan = linkOf('br-0ea4d03f781c', 90, {
  kind: 'bridge',
  up: true,
  carrier: false,
  addresses: ['172.25.0.1/16'],
})

test('a bridge that a failed create left holds its addresses', () => {
  expect(runnerFaultsOf(check, withLink(orphan))).toEqual([
    {
      subject: 'br-0ea4d03f781c',
      severity: 'warning',
      message: 'no network has this bridge; it holds 172.25.0.1/16',
      expected: 'a network whose id begins with 0ea4d03f781c',
      actual: 'nothing among the networks of the engine',
      cause: 'orphans',
      advice:
        'Delete it: ip link delete br-0ea4d03f781c. It holds its address range until then, and restarting Docker leaves it.',
    },
  ])
})

test('one without an address is told without one', () => {
  expect(runnerFaultsOf(check, withLink({ ...orphan, addresses: [] }))).toMatchObject([
    { message: 'no network has this bridge' },
  ])
})

test.each<QuietRunner>([
  ['a runner in order', () => {}],
  ['an engine that was not asked', allOf(withLink(orphan), without('networks'))],
  [
    'a bridge with a machine at it',
    allOf(withLink(orphan), withLink(linkOf('tap0', 91, { master: orphan.name }))),
  ],
])('%s has no orphan', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/orphan-docker-bridge.ts'
import {
  allOf,
  linkOf,
  type QuietRunner,
  runnerFaultsOf,
  withLink,
  without,
  withRules,
} from '../../support/runner-facts.ts'

const orphan = linkOf('br-0ea4d03f781c', 90, {
  kind: 'bridge',
  up: true,
  carrier: false,
  addresses: ['172.25.0.1/16'],
})

test('a bridge left by a failed create is reported with its addresses', () => {
  expect(runnerFaultsOf(check, withLink(orphan))).toEqual([
    {
      subject: 'br-0ea4d03f781c',
      severity: 'warning',
      message: 'no network uses this bridge; it holds 172.25.0.1/16',
      expected: 'a network whose id starts with 0ea4d03f781c',
      actual: 'no such network in the engine',
      absent: true,
      cause: 'orphans',
      advice:
        'Check that nothing is attached: “ip link show master br-0ea4d03f781c” lists nothing. Then delete it: “ip link delete br-0ea4d03f781c”. It keeps its address range until then, and restarting Docker leaves it.',
    },
  ])
})

test('the masquerading that a failed create left is deleted first', () => {
  const rule = '-s 172.25.0.0/16 ! -o br-0ea4d03f781c -j MASQUERADE'
  expect(runnerFaultsOf(check, allOf(withLink(orphan), withRules('nat', 'POSTROUTING', rule)))).toMatchObject(
    [
      {
        message: 'no network uses this bridge; it holds 172.25.0.1/16; a rule for it exists',
        advice: expect.stringContaining(
          `iptables -t nat -D POSTROUTING ${rule} && ip link delete br-0ea4d03f781c`,
        ),
      },
    ],
  )
})

test('a bridge without an address is reported without one', () => {
  expect(runnerFaultsOf(check, withLink({ ...orphan, addresses: [] }))).toMatchObject([
    { message: 'no network uses this bridge' },
  ])
})

test('of many addresses the first four are listed', () => {
  const addresses = [1, 2, 3, 4, 5].map((net) => `172.2${net}.0.1/16`)
  expect(runnerFaultsOf(check, withLink({ ...orphan, addresses }))).toMatchObject([
    {
      message:
        'no network uses this bridge; it holds 172.21.0.1/16, 172.22.0.1/16, 172.23.0.1/16, 172.24.0.1/16',
    },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  [
    'two engines',
    allOf(withLink(orphan), (runner) => {
      runner.daemons = ['a', 'b'].map((command) => ({ command, snap: false }))
    }),
  ],
  ['an engine that was not queried', allOf(withLink(orphan), without('networks'))],
  [
    'a bridge with a virtual machine attached',
    allOf(withLink(orphan), withLink(linkOf('tap0', 91, { master: orphan.name }))),
  ],
])('%s: no orphan', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

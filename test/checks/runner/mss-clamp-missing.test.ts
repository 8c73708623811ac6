import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/mss-clamp-missing.ts'
import { withSavedRules } from '../../support/neighbours.ts'
import {
  allOf,
  areaIn,
  linkOf,
  type QuietRunner,
  runnerFaultsOf,
  withLink,
} from '../../support/runner-facts.ts'
import { mtuOfNetworks, withUplink } from '../../support/uplink.ts'

const guests = linkOf('virbr0', 90, { kind: 'bridge', addresses: ['192.168.122.1/24'] })

test('guests with a larger MTU than the uplink, and no rule, are a warning', () => {
  expect(runnerFaultsOf(check, allOf(mtuOfNetworks(1400), withUplink(1400), withLink(guests)))).toEqual([
    {
      subject: 'eth0',
      severity: 'warning',
      message: 'the uplink eth0 has MTU 1400, and no rule clamps the MSS of virbr0 (MTU 1500)',
      evidence: ['virbr0: MTU 1500'],
    },
  ])
})

const quiet: QuietRunner[] = [
  ['the uplink has as much', withLink(guests)],
  ['no bridge has more', allOf(withUplink(1400), mtuOfNetworks(1400))],
  [
    'the bridge has no guests, so that its MTU says nothing',
    allOf(withUplink(1400), mtuOfNetworks(1400), withLink({ ...guests, carrier: false })),
  ],
  [
    'the uplink is itself a bridge',
    (runner) => {
      mtuOfNetworks(1400)(runner)
      for (const link of areaIn(runner, 'links')) if (link.name === 'eth0') link.kind = 'bridge'
    },
  ],
  [
    'iptables clamps',
    allOf(
      withUplink(1400),
      withSavedRules(
        '*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360\nCOMMIT\n',
      ),
    ),
  ],
  [
    'nft clamps',
    allOf(withUplink(1400), (runner) => {
      areaIn(runner, 'rules').tables.push({
        backend: 'native',
        family: 'inet',
        name: 'clamp',
        chains: [
          {
            name: 'forward',
            hook: 'forward',
            rules: ['tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu'],
          },
        ],
      })
    }),
  ],
  [
    'not all rules could be read',
    allOf(withUplink(1400), (runner) => {
      areaIn(runner, 'rules').unread = [{ backend: 'native', why: 'nft is not installed' }]
    }),
  ],
]

test.each(quiet)('no finding: %s', (_, change, given) => {
  expect(runnerFaultsOf(check, change, given)).toEqual([])
})

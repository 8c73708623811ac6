import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/address-pool-low.ts'
import {
  allOf,
  areaIn,
  engineNetworks,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  seenArea,
  without,
} from '../../support/runner-facts.ts'

/** docker0 and `count` CI networks, in the order in which Docker allocates ranges. */
const networks =
  (count: number, endpoints = 1): RunnerChange =>
  (runner) => {
    const subnetOf = (at: number) => (at < 14 ? `172.${18 + at}.0.0/16` : `192.168.${(at - 14) * 16}.0/20`)
    const own = Array.from({ length: count }, (_, at) =>
      networkOf(`wp_${at}_default`, 18, { subnets: [subnetOf(at)], endpoints }),
    )
    runner.networks = seenArea([...engineNetworks(), ...own])
    runner.routes = seenArea({ ...areaIn(runner, 'routes'), routes: [] })
  }

test('from 60 % on it is reported, with the networks that have no running container', () => {
  expect(runnerFaultsOf(check, networks(18, 0))).toMatchObject([
    {
      subject: 'Docker address pools',
      severity: 'warning',
      message: '19 of 31 subnets in use, 12 left',
      evidence: expect.arrayContaining(['no running container: wp_0_default 172.18.0.0/16, 60 min old']),
    },
  ])
})

test('networks in use are not listed', () => {
  expect(runnerFaultsOf(check, networks(20))).toMatchObject([{ evidence: [] }])
})

test('a directly connected network of the host takes a subnet too, a route through a gateway does not', () => {
  const change = allOf(networks(17), (runner) => {
    areaIn(runner, 'routes').routes = [
      { destination: '192.168.0.0/23', device: 'eth1' },
      { destination: '172.28.0.0/14', device: 'eth0', gateway: '192.0.2.1' },
    ]
  })
  // 18 networks, the last of them from 192.168.0.0 on; the host's network covers a subnet that is already taken.
  expect(runnerFaultsOf(check, change)).toEqual([])
  const other = allOf(change, (runner) => {
    areaIn(runner, 'routes').routes.push({ destination: '192.168.128.0/24', device: 'eth1' })
  })
  expect(runnerFaultsOf(check, other)).toMatchObject([{ message: '19 of 31 subnets in use, 12 left' }])
})

test('custom pools are counted by their size', () => {
  const pools =
    (...list: { base: string; size: number }[]): RunnerChange =>
    (runner) => {
      areaIn(runner, 'engine').pools = list
    }
  const small = allOf(networks(2), pools({ base: '172.18.0.0/15', size: 17 }))
  expect(runnerFaultsOf(check, small)).toMatchObject([])
  const half = allOf(
    networks(1),
    pools({ base: '172.18.0.0/16', size: 17 }, { base: '10.0.0.0/24', size: 24 }),
  )
  expect(runnerFaultsOf(check, half)).toMatchObject([{ message: '2 of 3 subnets in use, 1 left' }])
  const million = allOf(networks(2), pools({ base: '10.0.0.0/8', size: 28 }))
  expect(runnerFaultsOf(check, million)).toEqual([])
})

test.each<QuietRunner>([
  ['a few networks', () => {}],
  ['almost no subnet left, which is another finding', networks(28)],
  [
    'an engine that does not report its pools',
    allOf(networks(20), (runner) => {
      areaIn(runner, 'engine').pools = []
    }),
  ],
  [
    'IPv6 pools',
    allOf(networks(20), (runner) => {
      areaIn(runner, 'engine').pools = [{ base: 'fd00::/48', size: 64 }]
    }),
  ],
  [
    'Podman',
    allOf(networks(20), (runner) => {
      areaIn(runner, 'engine').flavour = 'podman'
    }),
  ],
  ['networks that were not observed', allOf(networks(20), without('networks'))],
])('%s: not low', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

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
  shown,
  without,
} from '../../support/runner-facts.ts'

/** docker0 and so many networks of CI, in the order in which Docker gives out ranges. */
const networks =
  (count: number, endpoints = 1): RunnerChange =>
  (runner) => {
    const subnetOf = (at: number) => (at < 14 ? `172.${18 + at}.0.0/16` : `192.168.${(at - 14) * 16}.0/20`)
    const own = Array.from({ length: count }, (_, at) =>
      networkOf(`wp_${at}_default`, 18, { subnets: [subnetOf(at)], endpoints }),
    )
    runner.networks = shown([...engineNetworks(), ...own])
    runner.routes = shown({ ...areaIn(runner, 'routes'), routes: [] })
  }

test('from six of ten on it is told, with what is there for nothing', () => {
  expect(runnerFaultsOf(check, networks(18, 0))).toMatchObject([
    {
      subject: 'address pools of Docker',
      severity: 'warning',
      message: '19 of 31 networks taken, 12 left',
      evidence: expect.arrayContaining(['no container: wp_0_default 172.18.0.0/16']),
    },
  ])
})

test('networks in use are not listed', () => {
  expect(runnerFaultsOf(check, networks(20))).toMatchObject([{ evidence: [] }])
})

test('a network of the host on the way takes a range as well, a route behind a gateway does not', () => {
  const change = allOf(networks(17), (runner) => {
    areaIn(runner, 'routes').routes = [
      { destination: '192.168.0.0/23', device: 'eth1' },
      { destination: '172.28.0.0/14', device: 'eth0', gateway: '192.0.2.1' },
    ]
  })
  // 18 networks, of which the last ones begin at 192.168.0.0; the host's network covers a range that is taken already.
  expect(runnerFaultsOf(check, change)).toEqual([])
  const other = allOf(change, (runner) => {
    areaIn(runner, 'routes').routes.push({ destination: '192.168.128.0/24', device: 'eth1' })
  })
  expect(runnerFaultsOf(check, other)).toMatchObject([{ message: '19 of 31 networks taken, 12 left' }])
})

test('pools of an operator’s own are counted by their size', () => {
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
  expect(runnerFaultsOf(check, half)).toMatchObject([{ message: '2 of 3 networks taken, 1 left' }])
  const million = allOf(networks(2), pools({ base: '10.0.0.0/8', size: 28 }))
  expect(runnerFaultsOf(check, million)).toEqual([])
})

test.each<QuietRunner>([
  ['a few networks', () => {}],
  ['almost none left, which is another finding', networks(28)],
  [
    'an engine that does not tell its pools',
    allOf(networks(20), (runner) => {
      areaIn(runner, 'engine').pools = []
    }),
  ],
  [
    'pools of IPv6',
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
  ['networks that were not seen', allOf(networks(20), without('networks'))],
])('%s: enough is left', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

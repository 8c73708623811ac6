import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/address-pool-exhausted.ts'
import {
  areaIn,
  engineNetworks,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  seenArea,
} from '../../support/runner-facts.ts'

/** docker0 and `count` further networks, in the order in which Docker allocates ranges. */
const networks =
  (count: number): RunnerChange =>
  (runner) => {
    const subnetOf = (at: number) => (at < 14 ? `172.${18 + at}.0.0/16` : `192.168.${(at - 14) * 16}.0/20`)
    const own = Array.from({ length: count }, (_, at) =>
      networkOf(`net${at}`, 18, { subnets: [subnetOf(at)] }),
    )
    runner.networks = seenArea([...engineNetworks(), ...own])
  }

/** Measured on Docker 20.10: the 31st network in addition to docker0 could not be created. */
test.each([
  [27, '28 of 31 subnets in use, 3 left'],
  [30, '31 of 31 subnets in use, 0 left'],
])('%i networks in addition to docker0 leave almost no subnet', (count, message) => {
  expect(runnerFaultsOf(check, networks(count))).toMatchObject([{ severity: 'error', message }])
})

test('the route of a VPN that takes subnets is named', () => {
  const vpn: RunnerChange = (runner) => {
    areaIn(runner, 'routes').routes.push({ destination: '172.16.0.0/12', device: 'tun0' })
    areaIn(runner, 'routes').routes.push({ destination: '192.168.0.0/16', device: 'wg0' })
  }
  const [fault] = runnerFaultsOf(check, vpn)
  expect(fault?.message).toBe('31 of 31 subnets in use, 0 left')
  expect(fault?.evidence).toEqual(
    expect.arrayContaining([
      'taken by the route 192.168.0.0/16 dev wg0: 16 subnets',
      'taken by the route 172.16.0.0/12 dev tun0: 15 subnets',
    ]),
  )
})

test('an IPv6 pool does not hide that IPv4 is exhausted', () => {
  const both: RunnerChange = (runner) => {
    networks(30)(runner)
    const { engine } = runner
    if (engine.seen) engine.value.pools.push({ base: 'fd00:1::/48', size: 64 })
  }
  expect(runnerFaultsOf(check, both)).toMatchObject([{ message: '31 of 31 subnets in use, 0 left' }])
})

test.each<QuietRunner>([
  ['a few networks', () => {}],
  ['few subnets left, which is another finding', networks(26)],
])('%s: not exhausted', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

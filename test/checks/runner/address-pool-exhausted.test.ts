import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/address-pool-exhausted.ts'
import {
  engineNetworks,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  shown,
} from '../../support/runner-facts.ts'

/** docker0 and so many networks, in the order in which Docker gives out ranges. */
const networks =
  (count: number): RunnerChange =>
  (runner) => {
    const subnetOf = (at: number) => (at < 14 ? `172.${18 + at}.0.0/16` : `192.168.${(at - 14) * 16}.0/20`)
    const own = Array.from({ length: count }, (_, at) =>
      networkOf(`net${at}`, 18, { subnets: [subnetOf(at)] }),
    )
    runner.networks = shown([...engineNetworks(), ...own])
  }

/** Measured on Docker 20.10: the 31st network beside docker0 could not be made. */
test.each([
  [27, '28 of 31 networks taken, 3 left'],
  [30, '31 of 31 networks taken, 0 left'],
])('%i networks beside docker0 leave almost nothing', (count, message) => {
  expect(runnerFaultsOf(check, networks(count))).toMatchObject([{ severity: 'error', message }])
})

test.each<QuietRunner>([
  ['a few networks', () => {}],
  ['few left, which is another finding', networks(26)],
])('%s: another network can be made', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/ip-forwarding-off.ts'
import {
  allOf,
  areaIn,
  composeNetwork,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  without,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const off: RunnerChange = (runner) => {
  areaIn(runner, 'engine').forwards = false
}

test('an engine that reports forwarding as disabled: an error, from the socket alone', () => {
  expect(runnerFaultsOf(check, allOf(off, without('links', 'rules', 'routes')))).toMatchObject([
    {
      severity: 'error',
      subject: 'net.ipv4.ip_forward',
      message: `Docker reports IPv4 forwarding as disabled; without connections to the outside: bridge, ${woodpeckerNetwork}, ${composeNetwork}`,
    },
  ])
})

test('without a list of networks it is an error, too', () => {
  expect(runnerFaultsOf(check, allOf(off, without('networks')))).toMatchObject([
    { message: 'Docker reports IPv4 forwarding as disabled' },
  ])
})

test.each<QuietRunner>([
  ['an engine that reports nothing of it', () => {}],
  [
    'forwarding enabled',
    (runner) => {
      areaIn(runner, 'engine').forwards = true
    },
  ],
  [
    'only internal networks',
    allOf(off, (runner) => {
      for (const network of areaIn(runner, 'networks')) network.internal = true
    }),
  ],
  [
    'Podman',
    allOf(off, (runner) => {
      areaIn(runner, 'engine').flavour = 'podman'
    }),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

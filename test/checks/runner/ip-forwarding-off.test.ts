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
  expect(runnerFaultsOf(check, allOf(off, without('networks', 'routes')))).toMatchObject([
    { message: 'Docker reports IPv4 forwarding as disabled' },
  ])
})

/** What the kernel's setting is, in the namespace of the engine's bridges. */
const setting =
  (value: string): RunnerChange =>
  (runner) => {
    areaIn(runner, 'routes').routing = {
      ...{ rules: [], routes: [], truncated: false },
      sysctls: { 'net.ipv4.ip_forward': value },
    }
  }
const on: RunnerChange = (runner) => {
  areaIn(runner, 'engine').forwards = true
}

test('Docker 29 still reports what it found when it started: the kernel’s setting counts', () => {
  expect(runnerFaultsOf(check, allOf(on, setting('0')))).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/^net\.ipv4\.ip_forward is 0 where Docker runs; /) },
  ])
})

test.each<QuietRunner>([
  ['forwarding that was enabled after Docker started', allOf(off, setting('1'))],
  [
    'the setting of another namespace than the engine’s',
    allOf(on, setting('0'), (runner) => {
      Object.assign(runner.vantage, { nested: true, hostView: 'here' })
      areaIn(runner, 'links').splice(1)
    }),
  ],
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

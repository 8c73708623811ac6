import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/not-observable.ts'
import {
  allOf,
  areaIn,
  inapplicableArea,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  unseenArea,
} from '../../support/runner-facts.ts'

const elsewhere = 'this process is not in the host’s network namespace'
/** A plain Woodpecker step in a repository that is not trusted. */
const plain: RunnerChange = (runner) => {
  runner.vantage.platform = 'woodpecker'
  runner.vantage.trusted = { network: false, volumes: false, security: false }
  runner.vantage.socket = { state: 'absent', path: '/var/run/docker.sock' }
  runner.networks = unseenArea('there is no Docker socket', ['docker-socket'])
  runner.churn = unseenArea('there is no Docker socket', ['docker-socket', 'host-snapshot', 'kernel-log'])
  runner.links = unseenArea(elsewhere, ['host-snapshot', 'host-network'])
  runner.rules = unseenArea(elsewhere, ['host-snapshot'])
  runner.kernel = unseenArea('/dev/kmsg is not there', ['host-snapshot', 'kernel-log'])
}

test('everything that was not inspected is one note, with the most useful remedy first', () => {
  expect(runnerFaultsOf(check, plain)).toEqual([
    {
      subject: 'runner.networks, runner.churn, runner.links, runner.rules, runner.kernel',
      severity: 'note',
      message: `there is no Docker socket; ${elsewhere}; /dev/kmsg is not there`,
      evidence: [
        'runner.churn, runner.links, runner.rules, runner.kernel: Set “host_snapshot: true” and mount the socket: “volumes: [/var/run/docker.sock:/var/run/docker.sock]”. The repository is not trusted for “Volumes”: an administrator sets this in the project settings.',
        "runner.networks: Mount the engine's socket in this step: “volumes: [/var/run/docker.sock:/var/run/docker.sock]”. The repository is not trusted for “Volumes”: an administrator sets this in the project settings.",
      ],
      advice: expect.stringContaining('host_snapshot: true'),
    },
  ])
})

test('with the socket mounted, only the snapshot is recommended', () => {
  const change = allOf(plain, (runner) => {
    runner.vantage.trusted = { network: false, volumes: true, security: false }
    runner.networks = { seen: true, value: [], from: 'the Docker socket' }
  })
  const [fault] = runnerFaultsOf(check, change)
  expect(fault?.evidence).toHaveLength(1)
  expect(fault?.evidence?.[0]).not.toContain('trust')
})

test('a socket without permission to open it is reported with its group', () => {
  const [fault] = runnerFaultsOf(check, (runner) => {
    runner.vantage.socket = { state: 'unreadable', path: '/var/run/docker.sock', group: 998 }
    runner.networks = unseenArea('the socket may not be opened', ['socket-access'])
  })
  expect(fault?.advice).toContain('--group-add 998')
})

test('rules of ebtables-legacy are not read from anywhere', () => {
  const withTables =
    (...ebtables: string[]): RunnerChange =>
    (runner) => {
      areaIn(runner, 'rules').ebtables = ebtables
    }
  expect(runnerFaultsOf(check, withTables('filter', 'nat'))).toMatchObject([
    {
      subject: 'runner.rules',
      severity: 'note',
      message:
        'rules of ebtables-legacy are not read, which has the tables filter, nat: what they drop at bridges is not seen',
      evidence: [],
    },
  ])
  expect(runnerFaultsOf(check, withTables())).toEqual([])
})

test('by hand, without privileges: run it as root', () => {
  const byHand: RunnerChange = (runner) => {
    Object.assign(runner.vantage, { platform: 'plain', container: 'none', uid: 1000, hostView: 'here' })
    runner.vantage.socket = { state: 'unreadable', path: '/var/run/docker.sock', group: 998 }
    runner.networks = unseenArea('this user may not open the socket', ['socket-access'])
    runner.rules = unseenArea('CAP_NET_ADMIN is missing', ['host-snapshot', 'net-admin'])
    runner.kernel = unseenArea('/dev/kmsg cannot be opened', ['kernel-log', 'host-snapshot'])
  }
  const [fault] = runnerFaultsOf(check, byHand)
  expect(fault?.advice).toBe('Run it as root.')
  expect(fault?.evidence).toEqual(['runner.networks, runner.rules, runner.kernel: Run it as root.'])
  const [inContainer] = runnerFaultsOf(
    check,
    allOf(byHand, (runner) => {
      runner.vantage.container = 'docker'
    }),
  )
  expect(inContainer?.advice).not.toBe('Run it as root.')
})

test('an area without a remedy is reported without advice', () => {
  expect(
    runnerFaultsOf(check, (runner) => {
      runner.conntrack = unseenArea('the kernel counts no connections', [])
    }),
  ).toEqual([
    {
      subject: 'runner.conntrack',
      severity: 'note',
      message: 'the kernel counts no connections',
      evidence: [],
    },
  ])
})

test.each<QuietRunner>([
  ['a runner that was inspected completely', () => {}],
  [
    'a runner without an engine, and so without networks',
    (runner) => {
      runner.networks = inapplicableArea()
      runner.churn = inapplicableArea()
    },
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

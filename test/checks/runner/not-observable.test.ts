import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/not-observable.ts'
import {
  allOf,
  hidden,
  inapplicable,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
} from '../../support/runner-facts.ts'

const elsewhere = 'this process is not in the host’s network namespace'
/** A plain step of Woodpecker, whose repository has no trust. */
const plain: RunnerChange = (runner) => {
  runner.vantage.platform = 'woodpecker'
  runner.vantage.trusted = { network: false, volumes: false, security: false }
  runner.vantage.socket = { state: 'absent', path: '/var/run/docker.sock' }
  runner.networks = hidden('there is no Docker socket', ['docker-socket'])
  runner.churn = hidden('there is no Docker socket', ['docker-socket', 'host-snapshot', 'kernel-log'])
  runner.links = hidden(elsewhere, ['host-snapshot', 'host-network'])
  runner.rules = hidden(elsewhere, ['host-snapshot'])
  runner.kernel = hidden('/dev/kmsg is not there', ['host-snapshot', 'kernel-log'])
}

test('all that is missing is one note, with the change that shows most first', () => {
  expect(runnerFaultsOf(check, plain)).toEqual([
    {
      subject: 'runner.networks, runner.churn, runner.links, runner.rules, runner.kernel',
      severity: 'note',
      message: `there is no Docker socket; ${elsewhere}; /dev/kmsg is not there`,
      evidence: [
        'runner.churn, runner.links, runner.rules, runner.kernel: Set “host_snapshot: true”, with the socket mounted: “volumes: [/var/run/docker.sock:/var/run/docker.sock]”. It lacks the trust “Volumes” of the repository, which an administrator gives in its settings.',
        "runner.networks: Mount the engine's socket in this step: “volumes: [/var/run/docker.sock:/var/run/docker.sock]”. It lacks the trust “Volumes” of the repository, which an administrator gives in its settings.",
      ],
      advice: expect.stringContaining('host_snapshot: true'),
    },
  ])
})

test('with the socket mounted, nothing but the snapshot is asked for', () => {
  const change = allOf(plain, (runner) => {
    runner.vantage.trusted = { network: false, volumes: true, security: false }
    runner.networks = { seen: true, value: [], from: 'the Docker socket' }
  })
  const [fault] = runnerFaultsOf(check, change)
  expect(fault?.evidence).toHaveLength(1)
  expect(fault?.evidence?.[0]).not.toContain('trust')
})

test('a socket that may not be opened is told with its group', () => {
  const [fault] = runnerFaultsOf(check, (runner) => {
    runner.vantage.socket = { state: 'unreadable', path: '/var/run/docker.sock', group: 998 }
    runner.networks = hidden('the socket may not be opened', ['socket-access'])
  })
  expect(fault?.advice).toContain('--group-add 998')
})

test('what nothing could show is told without a way', () => {
  expect(
    runnerFaultsOf(check, (runner) => {
      runner.conntrack = hidden('the kernel counts no connections', [])
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
  ['a runner that was seen in full', () => {}],
  [
    'a runner without an engine, and so without networks',
    (runner) => {
      runner.networks = inapplicable()
      runner.churn = inapplicable()
    },
  ],
])('%s leaves nothing out', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

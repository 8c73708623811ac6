import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-not-answering.ts'
import {
  allOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  without,
} from '../../support/runner-facts.ts'

const path = '/var/run/docker.sock'
const silent =
  (silence?: 'no listener' | 'no response'): RunnerChange =>
  (runner) => {
    const why = silence === 'no response' ? 'no response within 3 s' : 'connection refused'
    runner.vantage.socket = { state: 'useless', path, why, ...(silence ? { silence } : {}) }
  }
const running: RunnerChange = (runner) => {
  runner.daemons = [{ command: '/usr/bin/dockerd', snap: false }]
}

test('a socket without a daemon: it is not running', () => {
  expect(runnerFaultsOf(check, silent('no listener'))).toMatchObject([
    {
      severity: 'error',
      subject: path,
      message: 'the socket exists, and nothing listens on it: dockerd is not running',
      cause: 'ended',
    },
  ])
})

test('where no process can be seen, the same without a claim about processes', () => {
  expect(runnerFaultsOf(check, allOf(silent('no listener'), without('programs')))).toMatchObject([
    { message: 'the socket exists, and nothing listens on it: the daemon that created it has ended' },
  ])
})

test('an engine that runs and has another socket', () => {
  expect(runnerFaultsOf(check, allOf(silent('no listener'), running))).toMatchObject([
    { cause: 'stale socket', advice: expect.stringContaining('docker_socket') },
  ])
})

test('a daemon that accepts and does not answer hangs', () => {
  expect(runnerFaultsOf(check, silent('no response'))).toMatchObject([
    { severity: 'error', cause: 'hanging', title: expect.stringContaining('Docker hangs') },
  ])
})

test.each<QuietRunner>([
  ['an engine that answers', () => {}],
  ['a socket of another program', silent()],
  [
    'no socket',
    (runner) => {
      runner.vantage.socket = { state: 'absent', path }
    },
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

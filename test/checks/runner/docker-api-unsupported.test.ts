import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-api-unsupported.ts'
import type { SocketState } from '../../../src/facts/runner.ts'
import {
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  unseenArea,
} from '../../support/runner-facts.ts'

const path = '/var/run/docker.sock'
const socket =
  (state: SocketState): RunnerChange =>
  (runner) => {
    runner.vantage.socket = state
    runner.engine = unseenArea('no common API version', [])
  }

test('an engine without a common API version is reported with its versions', () => {
  const change = socket({
    state: 'unsupported',
    path,
    version: '40.0.1',
    min: '1.90',
    max: '1.99',
    ours: '1.40 to 1.52',
  })
  expect(runnerFaultsOf(check, change)).toEqual([
    {
      subject: path,
      severity: 'error',
      message: 'engine 40.0.1 supports API 1.90 to 1.99, regguard 1.40 to 1.52',
      expected: 'a version within 1.40 to 1.52',
      actual: '1.90 to 1.99',
    },
  ])
})

test.each<QuietRunner>([
  ['an engine that answers', () => {}],
  ['no socket', socket({ state: 'absent', path })],
  ['a socket of another program', socket({ state: 'useless', path, why: 'it answers HTML' })],
  ['a socket without permission to open it', socket({ state: 'unreadable', path, group: 998 })],
])('%s: not a version problem', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-api-unsupported.ts'
import type { SocketState } from '../../../src/facts/runner.ts'
import { hidden, type QuietRunner, type RunnerChange, runnerFaultsOf } from '../../support/runner-facts.ts'

const path = '/var/run/docker.sock'
const socket =
  (state: SocketState): RunnerChange =>
  (runner) => {
    runner.vantage.socket = state
    runner.engine = hidden('no version of the API in common', [])
  }

test('an engine with which there is no common language is named with its versions', () => {
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
      message: 'the engine 40.0.1 speaks API 1.90 to 1.99, regguard 1.40 to 1.52',
      expected: 'a version among 1.40 to 1.52',
      actual: '1.90 to 1.99',
    },
  ])
})

test.each<QuietRunner>([
  ['an engine that answers', () => {}],
  ['no socket', socket({ state: 'absent', path })],
  ['a socket of something else', socket({ state: 'useless', path, why: 'it answers HTML' })],
  ['a socket that may not be opened', socket({ state: 'unreadable', path, group: 998 })],
])('%s is no matter of versions', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

import { describe, expect, test } from 'vitest'
import type { RunnerFact } from '../../src/facts/runner.ts'
import { runnerHistory } from '../../src/facts/runner-history.ts'
import {
  areaIn,
  churnOf,
  healthyRunner,
  inspectedAt,
  second,
  seenArea,
  unseenArea,
} from '../support/runner-facts.ts'

const at = (n: number) => inspectedAt + n * 5 * second

/** The sample that was taken n times five seconds after the first. */
function sample(n: number, change: (runner: RunnerFact) => void = () => {}): RunnerFact {
  const runner = { ...healthyRunner(), at: at(n) }
  change(runner)
  return runner
}

/** Ports of the gateway that time out. */
const dead =
  (...ports: number[]) =>
  (runner: RunnerFact) => {
    for (const target of areaIn(runner, 'ports').targets)
      for (const dial of target.ports) if (ports.includes(dial.port)) dial.result = 'timeout'
  }

const gateway = { address: '172.17.0.1' }

describe('ports that time out', () => {
  test('are dead from the first sample that shows it to the next one in which they answer', () => {
    const history = runnerHistory([
      sample(0),
      sample(1, dead(22)),
      sample(2, dead(22, 6443)),
      sample(3),
      sample(4),
    ])
    expect(history.samples).toEqual([0, 1, 2, 3, 4].map(at))
    expect(history.dead).toEqual([
      { ...gateway, port: 22, from: at(1), to: at(3), samples: 2 },
      { ...gateway, port: 6443, from: at(2), to: at(3), samples: 1 },
    ])
  })

  test('are dead twice where they answered in between, and until the last sample where they never did again', () => {
    const history = runnerHistory([sample(0, dead(22)), sample(1), sample(2, dead(22)), sample(3, dead(22))])
    expect(history.dead.map(({ from, to }) => [from, to])).toEqual([
      [at(0), at(1)],
      [at(2), at(3)],
    ])
  })

  test('stay what they were over a sample in which none was dialled', () => {
    const undialled = sample(1, (runner) => {
      runner.ports = unseenArea('no time')
    })
    const history = runnerHistory([sample(0, dead(22)), undialled, sample(2, dead(22)), sample(3)])
    expect(history.dead).toEqual([{ ...gateway, port: 22, from: at(0), to: at(3), samples: 2 }])
  })
})

test('samples are put in order, and each counts once', () => {
  const history = runnerHistory([sample(2), sample(0, dead(22)), sample(1), sample(0, dead(22))])
  expect(history.samples).toEqual([at(0), at(1), at(2)])
  expect(history.dead).toHaveLength(1)
})

test('what several samples remember of networks and the kernel is listed once, by time', () => {
  const change = (n: number) => ({
    at: at(n),
    what: 'create' as const,
    name: `n${n}`,
    owner: 'other' as const,
  })
  const line = { at: at(1), kind: 'syn-flood' as const, text: 'possible SYN flooding' }
  const with_ =
    (...changes: number[]) =>
    (runner: RunnerFact) => {
      runner.churn = seenArea(churnOf(changes.map(change)))
      areaIn(runner, 'kernel').lines = [line]
    }
  const history = runnerHistory([sample(2, with_(1, 2)), sample(1, with_(0, 1))])
  expect(history.changes.map(({ name }) => name)).toEqual(['n0', 'n1', 'n2'])
  expect(history.kernel).toEqual([line])
})

test('rules that are in several states within one sample were rewritten in the time of its readings', () => {
  const readings = (distinct: number) => (runner: RunnerFact) => {
    const rules = areaIn(runner, 'rules')
    rules.samples = { taken: 20, overMs: 900, withoutUserJump: 1, distinct, firstRules: [] }
    rules.writers = [{ program: 'iptables-restore', changes: 4 }]
  }
  const history = runnerHistory([sample(0, readings(1)), sample(1, readings(3)), sample(2)])
  expect(history.rewrites).toEqual([
    { from: at(1) - 900, to: at(1), states: 3, writers: ['iptables-restore'] },
  ])
})

import { expect, test } from 'vitest'
import check from '../../../src/checks/path/pulls-failing.ts'
import type { Failure, FailureKind } from '../../../src/core/failure.ts'
import type { RoundFact } from '../../../src/facts/path/round.ts'
import { faultsOf, registry } from '../../support/facts.ts'

const failure = (kind: FailureKind = 'connection-timeout'): Failure => ({
  kind,
  host: registry,
  phase: 'connect',
  detail: 'connection timed out',
  evidence: [],
  addresses: ['192.0.2.10'],
})

const round = (more: Partial<RoundFact> = {}): RoundFact => ({
  at: 0,
  ms: 100,
  unobserved: 0,
  faulty: 0,
  requests: 9,
  failures: [],
  ...more,
})

const faults = (...rounds: RoundFact[]) =>
  faultsOf(check, (facts) => {
    facts.path.rounds = rounds
  })

test('pulls that all succeed have no finding', () => {
  expect(faults(round(), round(), round())).toEqual([])
  expect(faultsOf(check)).toEqual([])
})

test('one failed pull of several is an error with the place, the phase and the number', () => {
  const failed = round({ unobserved: 3, failures: [failure(), failure()], ms: 9000 })
  const [fault] = faults(round(), failed, round())
  expect(fault).toMatchObject({ message: '1 of 3 pulls failed; requests failed in 1 of 3' })
  expect(fault?.severity).toBe('error')
  expect(fault?.evidence).toEqual([
    `${registry} 192.0.2.10, connect: connection timed out (2 times, in 1 of 3 pulls)`,
    'a pull took 0.1 s in the median, 9 s at the 95th percentile',
  ])
})

test('a failure that a retry made good is a warning', () => {
  expect(faults(round({ failures: [failure('connection-cut')] }), round())).toMatchObject([
    { severity: 'warning', message: '0 of 2 pulls failed; requests failed in 1 of 2' },
  ])
})

test('an object that only one pull misses is a failed pull; one that all miss is not', () => {
  expect(faults(round(), round({ faulty: 1 }))).toMatchObject([{ message: '1 of 2 pulls failed' }])
  expect(faults(round({ faulty: 2 }), round({ faulty: 2 }))).toEqual([])
})

test('pulls that all fail are a note: the first has findings of its own', () => {
  const failed = round({ unobserved: 1, failures: [failure()] })
  expect(faults(failed, failed)).toMatchObject([
    { severity: 'note', message: expect.stringContaining('2 of 2 pulls') },
  ])
})

test('refusals of a login and the end of the run do not count', () => {
  expect(faults(round({ failures: [failure('access-denied'), failure('run-stopped')] }), round())).toEqual([])
})

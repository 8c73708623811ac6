import { describe, expect, test } from 'vitest'
import { emptyState, type LastRun, type RegistryState, repositoryIn } from '../../src/facts/watch/state.ts'
import { registryReport } from '../../src/report/watch.ts'
import { watchExitCode } from '../../src/report/watch-exit-code.ts'
import { hour, layerAt, start } from '../facts/watch/states.ts'

const lastRun: LastRun = {
  ...{ at: start, ms: 1, outcome: 'ok', listed: true, repositories: 1, tags: 1, indexes: 0 },
  ...{ unknown: {}, unseen: [], unseenMore: 0, phases: {} },
}
const unseen = {
  unknown: { 'access-denied': 1 },
  unseen: [
    { repository: 'app', kind: 'access-denied' as const, count: 1, objects: [':1'], detail: 'HTTP 403' },
  ],
}

/** A registry with this fault, if any, after this run. */
function stateWith(severity: 'error' | 'warning' | undefined, run: Partial<LastRun> = {}): RegistryState {
  const state = { ...emptyState('r.example.com'), lastRun: { ...lastRun, ...run } }
  const { tags } = repositoryIn(state, 'app')
  const texts = { subject: 'app:1', message: '404', title: 'Missing.', advice: 'Push.', platforms: [] }
  const fault = { id: 'tag-missing', firstSeen: start, lastSeen: start, confirmed: start, ...texts }
  tags.set('1', { firstSeen: start, ...(severity ? { fault: { ...fault, severity } } : {}) })
  return state
}

const accepted = [{ repository: 'app', reason: 'known', expires: start + hour }]
const codeOf = (
  state: RegistryState,
  {
    isAccepted = false,
    locked = false,
    failOn = 'error',
  }: { isAccepted?: boolean; locked?: boolean; failOn?: 'error' | 'warning' | 'never' } = {},
) => {
  const about = { accepted: isAccepted ? accepted : [], reproveMs: 6 * hour, now: start, docsUrl: undefined }
  return watchExitCode({ registries: [registryReport(state, about)] }, { locked, failOn })
}

describe('what is broken', () => {
  test('ends with 1, as far as fail_on counts it', () => {
    expect(codeOf(stateWith('error'))).toBe(1)
    expect(codeOf(stateWith('warning'))).toBe(0)
    expect(codeOf(stateWith('warning'), { failOn: 'warning' })).toBe(1)
    expect(codeOf(stateWith('error'), { failOn: 'never' })).toBe(0)
    expect(codeOf(stateWith('error', unseen))).toBe(1)
  })

  test('ends with 0 where it is accepted, or nothing is', () => {
    expect(codeOf(stateWith('error'), { isAccepted: true })).toBe(0)
    expect(codeOf(stateWith(undefined))).toBe(0)
  })
})

describe('what is unknown ends with 3, whatever fail_on says', () => {
  const unfinished = { ...stateWith(undefined), unfinished: { at: start, why: 'it crashed' } }
  const stale = stateWith(undefined)
  repositoryIn(stale, 'app').objects.set('d', layerAt('d', start - 13 * hour))

  test.each([
    ['a part of the registry', stateWith(undefined, { outcome: 'partial', ...unseen })],
    ['a part beside an accepted fault', stateWith('error', { outcome: 'findings', ...unseen })],
    ['the whole registry', stateWith(undefined, { outcome: 'unchecked' })],
    ['a run that did not finish', unfinished],
    ['no run at all', emptyState('r.example.com')],
    ['proofs that are too old', stale],
  ])('%s', (_name, state) => {
    expect(codeOf(state, { isAccepted: true })).toBe(3)
    expect(codeOf(state, { isAccepted: true, failOn: 'never' })).toBe(3)
  })

  test('a registry that was left to another process', () => {
    expect(codeOf(stateWith(undefined), { locked: true, failOn: 'never' })).toBe(3)
  })
})

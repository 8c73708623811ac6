import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  matchesAny,
  newestTags,
  planBlobs,
  planHashes,
  shardOf,
  triggerOf,
} from '../../../src/facts/watch/plan.ts'
import { emptyState, type LastRun } from '../../../src/facts/watch/state.ts'
import { hour, layerAt, minute, start, stateWith } from './states.ts'

const rhythm = { intervalMs: 15 * minute, reproveMs: 6 * hour }
const none = new Set<string>()
const digestsOf = (planned: ReturnType<typeof planBlobs>) => planned.map(({ blob }) => blob.digest)

describe('the blobs of a run', () => {
  test('are a slice of those that were looked at longest ago', () => {
    const blobs = Array.from({ length: 48 }, (_, at) => layerAt(`d${at}`, start - at * minute))
    expect(digestsOf(planBlobs(stateWith(blobs), rhythm, start, none))).toEqual(['d47', 'd46'])
  })

  test('begin with those that are broken, and have all that were never looked at or are due', () => {
    const state = stateWith([
      layerAt('fresh', start - minute),
      layerAt('new'),
      layerAt('due', start - 6 * hour),
      layerAt('broken', start - minute, { firstBroken: start - hour }),
    ])
    expect(digestsOf(planBlobs(state, rhythm, start, none))).toEqual(['broken', 'new', 'due'])
  })

  test('are looked at again where the clock was set back', () => {
    const state = stateWith([layerAt('future', start + 24 * hour), layerAt('fresh', start - minute)])
    expect(digestsOf(planBlobs(state, rhythm, start, none))).toEqual(['future'])
  })

  test('are all of them after a trigger, of the registry or of one repository', () => {
    const state = stateWith(Array.from({ length: 100 }, (_, at) => layerAt(`d${at}`, start)))
    expect(planBlobs(state, rhythm, start, 'all')).toHaveLength(100)
    expect(planBlobs(state, rhythm, start, new Set(['team/app']))).toHaveLength(100)
    expect(planBlobs(state, rhythm, start, new Set(['other']))).toHaveLength(5)
  })

  test('never include a manifest', () => {
    const state = stateWith([
      layerAt('index', undefined, { kind: 'manifest' }),
      layerAt('config', undefined, { kind: 'config' }),
    ])
    expect(digestsOf(planBlobs(state, rhythm, start, 'all'))).toEqual(['config'])
  })

  test('each have their turn within `reprove`, whatever their number and the interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 120 }), (count, minutes) => {
        const every = minutes * minute
        const own = { intervalMs: every, reproveMs: 6 * hour }
        const state = stateWith(Array.from({ length: count }, (_, at) => layerAt(`d${at}`, start)))
        const objects = state.repositories.get('team/app')?.objects ?? new Map()
        const most = Math.ceil(count / Math.floor((6 * hour) / every)) + 1
        for (let now = start + every; now < start + 24 * hour; now += every) {
          const planned = planBlobs(state, own, now, none)
          expect(planned.length).toBeLessThanOrEqual(most)
          for (const { blob } of planned) objects.set(blob.digest, layerAt(blob.digest, now))
          for (const { lastLooked } of objects.values())
            expect(now - lastLooked).toBeLessThan(6 * hour + every)
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('the blobs to hash', () => {
  test('are those hashed longest ago, within the budget', () => {
    const state = stateWith([
      layerAt('last', start, { hashedAt: start }),
      layerAt('never', start),
      layerAt('first', start, { hashedAt: start - hour }),
    ])
    expect(planHashes(state, 250).map(({ blob }) => blob.digest)).toEqual(['never', 'first'])
    expect(planHashes(state, 0)).toEqual([])
  })

  test('have one at least, or a large one would never have its turn', () => {
    const state = stateWith([
      layerAt('large', start, { size: 1e9 }),
      layerAt('small', start, { hashedAt: 1 }),
    ])
    expect(planHashes(state, 250).map(({ blob }) => blob.digest)).toEqual(['large'])
  })
})

describe('what leads to a look at everything', () => {
  const lastRun: LastRun = {
    ...{ at: start - 15 * minute, ms: 1000, outcome: 'ok', listed: true },
    ...{ repositories: 1, tags: 1, indexes: 0, unknown: {}, unseen: [], unseenMore: 0, phases: {} },
  }
  const after = (more: Partial<LastRun>) => ({ ...emptyState('r'), lastRun: { ...lastRun, ...more } })

  test.each([
    ['nothing', {}, [], undefined],
    ['a repository that vanished', {}, ['a'], 'a repository vanished'],
    ['a registry that was down', { outcome: 'unchecked' }, [], 'could not inspect'],
    ['a long pause', { at: start - 7 * hour }, [], 'too long ago'],
    ['a clock that was set back', { at: start + hour }, [], 'too long ago'],
  ] as const)('%s', (_name, more, vanished, expected) => {
    const found = triggerOf(after(more), vanished, 6 * hour, start)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(expected)
  })

  test('not the first run, which looks at everything anyway', () => {
    expect(triggerOf(emptyState('r'), [], 6 * hour, start)).toBeUndefined()
  })
})

describe('the newest tags', () => {
  const seen = (times: Record<string, number>) => (tag: string) => times[tag]

  test('of a first look: names without a number, then the highest version', () => {
    const tags = ['v1.9', 'v1.10', 'latest', 'v1.2', 'v0.100']
    expect(newestTags(tags, () => undefined, 3)).toEqual(['latest', 'v1.10', 'v1.9'])
  })

  test('of a later look: those that appeared since', () => {
    expect(newestTags(['v9', 'v8', 'v1'], seen({ v9: 1, v8: 1 }), 2)).toEqual(['v1', 'v9'])
  })

  test('are all of them without a limit, or below it', () => {
    expect(newestTags(['b', 'a'], () => 1, 0)).toEqual(['b', 'a'])
    expect(newestTags(['b', 'a'], () => 1, 2)).toEqual(['b', 'a'])
  })
})

describe('patterns', () => {
  test.each([
    ['team/app', 'team/app', true],
    ['team/app', 'team/*', true],
    ['team/app', '*app', true],
    ['team/app', 't*/*p', true],
    ['team/app', 'team', false],
    ['team/app', 'team/*x*', false],
    ['aba', 'ab*ba', false],
    ['v1.0', 'v1*0', true],
    ['v1x0', 'v1.0', false],
  ])('%s matches %s: %s', (name, pattern, expected) => {
    expect(matchesAny(name, [pattern])).toBe(expected)
  })

  test('none match everything, and many stars take no time', () => {
    expect(matchesAny('anything', [])).toBe(true)
    expect(matchesAny('a'.repeat(255), [`${'*a'.repeat(100)}*b`])).toBe(false)
  })
})

test('each repository belongs to one shard, which never changes', () => {
  expect(['team/app', 'library/alpine', 'infra/ci', 'a', 'b'].map((name) => shardOf(name, 4))).toEqual(
    ['team/app', 'library/alpine', 'infra/ci', 'a', 'b'].map((name) => expectedShards[name]),
  )
  const counts = [0, 0, 0, 0]
  for (let at = 0; at < 4000; at += 1) {
    const shard = shardOf(`team${at % 13}/app${at}`, 4)
    counts[shard] = (counts[shard] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

/** FNV-1a of 32 bits, modulo 4, computed elsewhere. */
const expectedShards: Record<string, number> = {
  'team/app': 0,
  'library/alpine': 2,
  'infra/ci': 2,
  a: 0,
  b: 1,
}

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { emptyState, type RegistryState } from '../../src/facts/watch/state.ts'
import type { Lock } from '../../src/observe/watch/lock.ts'
import { memoryStore, type StateStore } from '../../src/observe/watch/state-file.ts'
import { RegistryWatch, type RegistryWatchOptions } from '../../src/watch/loop.ts'
import { until } from '../support/until.ts'

/** A watch whose runs are made by the test. */
function watchWith(given: Partial<RegistryWatchOptions> = {}) {
  const controller = new AbortController()
  const warnings: string[] = []
  const ended: RegistryState[] = []
  const watch = new RegistryWatch({
    registry: 'registry.example.com',
    store: memoryStore('registry.example.com'),
    ...{ intervalMs: 20, limitMs: 60_000, signal: controller.signal, now: Date.now, random: () => 0 },
    run: async () => {},
    onState: async (state, from) => {
      if (from === 'run') ended.push(structuredClone(state))
    },
    warn: (text) => void warnings.push(text),
    ...given,
  })
  return { watch, warnings, ended, stop: () => controller.abort() }
}

test('one run follows the other', async () => {
  let runs = 0
  const { watch, stop } = watchWith({
    run: async () => {
      runs += 1
    },
  })
  const loop = watch.loop()
  await until('three runs', () => runs >= 3)
  stop()
  await loop
  expect(watch.hasRun).toBe(true)
})

test('the pause is the interval and up to a tenth more', async () => {
  const starts: number[] = []
  const { watch, stop } = watchWith({
    ...{ intervalMs: 300, random: () => 1 },
    run: async () => void starts.push(performance.now()),
  })
  const began = performance.now()
  const loop = watch.loop()
  await until('two runs', () => starts.length >= 2)
  stop()
  await loop
  // From the beginning: the first run may start late. A timer may end a little early.
  expect((starts[1] ?? 0) - began).toBeGreaterThanOrEqual(327)
})

test('a run that takes longer than the interval is not joined by a second one: those are skipped and counted', async () => {
  let running = 0
  let most = 0
  const { watch, stop } = watchWith({
    run: async (_state, signal) => {
      running += 1
      most = Math.max(most, running)
      await sleep(10_000, undefined, { signal }).catch(() => {})
      running -= 1
    },
  })
  const loop = watch.loop()
  await until('three skipped runs', () => watch.state.skipped.overlap >= 3)
  stop()
  await loop
  expect([most, running]).toEqual([1, 0])
})

test('a run has an end of its own', async () => {
  const { watch, ended } = watchWith({
    limitMs: 20,
    run: async (_state, signal) => {
      await sleep(60_000, undefined, { signal }).catch(() => {})
    },
  })
  await watch.once()
  expect(ended).toHaveLength(1)
})

test('a stop ends the run under way, and its state is saved before the lock is released', async () => {
  const order: string[] = []
  const store: StateStore = {
    ...memoryStore('registry.example.com'),
    save: async () => void order.push('saved') as undefined,
    lock: async () => ({
      state: 'taken',
      isOurs: async () => true,
      release: async () => void order.push('released'),
    }),
  }
  const { watch, stop } = watchWith({
    store,
    run: async (_state, signal) => {
      stop()
      await sleep(60_000, undefined, { signal }).catch(() => {})
      order.push('stopped')
    },
  })
  await watch.loop()
  await watch.close()
  expect(order).toEqual(['stopped', 'saved', 'released'])
})

const free = async () => ({ state: 'taken', isOurs: async () => true, release: async () => {} }) as const
const heldBy = (isAlive: boolean) => ({ state: 'held', by: 'process 7 on there', isAlive }) as const

test('while another process has the lock, runs are skipped and counted, and the next attempt succeeds when it is free', async () => {
  let held = true
  let runs = 0
  const store: StateStore = {
    ...memoryStore('registry.example.com'),
    lock: async () => (held ? heldBy(true) : free()),
  }
  const { watch, warnings, stop } = watchWith({
    store,
    run: async () => {
      runs += 1
    },
  })
  const loop = watch.loop()
  await until('two skipped runs', () => watch.state.skipped.locked >= 2)
  expect([runs, warnings]).toEqual([0, [expect.stringContaining('process 7 on there')]])
  const skipped = watch.state.skipped.locked
  held = false
  await until('a run', () => runs > 0)
  stop()
  await loop
  expect(watch.state.skipped.locked).toBeGreaterThanOrEqual(skipped)
})

test('a lock is tried again long before the next run is due, which counts as one skipped run', async () => {
  let attempts = 0
  let runs = 0
  const { watch, stop } = watchWith({
    ...{ intervalMs: 3_600_000, lockRetryMs: 5 },
    store: {
      ...memoryStore('registry.example.com'),
      lock: async () => (++attempts < 5 ? heldBy(true) : free()),
    },
    run: async () => {
      runs += 1
    },
  })
  const loop = watch.loop()
  await until('a run', () => runs > 0)
  stop()
  await loop
  expect([runs, watch.state.skipped.locked]).toEqual([1, 1])
})

describe('one run', () => {
  const onceWith = async (answers: (number: number) => Lock | Promise<Lock>) => {
    let attempts = 0
    let runs = 0
    const { watch, warnings } = watchWith({
      lockRetryMs: 5,
      store: { ...memoryStore('registry.example.com'), lock: async () => answers(++attempts) },
      run: async () => {
        runs += 1
      },
    })
    return { took: await watch.once(), attempts, runs, warnings }
  }

  test('does not wait for a process that runs', async () => {
    expect(await onceWith(() => heldBy(true))).toEqual({
      ...{ took: false, attempts: 1, runs: 0 },
      warnings: [expect.stringContaining('process 7 on there watches it with the same state_dir')],
    })
  })

  test('waits until it is certain whether the process runs', async () => {
    expect(await onceWith((number) => (number < 4 ? heldBy(false) : free()))).toMatchObject({
      ...{ took: true, attempts: 4, runs: 1, warnings: [] },
    })
    expect(await onceWith((number) => heldBy(number === 3))).toMatchObject({ took: false, attempts: 3 })
  })
})

test('what was found while the folder could not be written is saved once it can', async () => {
  let attempts = 0
  const saved: RegistryState[] = []
  const { watch, warnings } = watchWith({
    store: {
      ...memoryStore('registry.example.com'),
      lock: async () => (++attempts < 3 ? { state: 'unwritable', why: 'EROFS' } : free()),
      save: async (state) => void saved.push(structuredClone(state)) as undefined,
    },
    run: async (state) => {
      state.bytes += 1
    },
  })
  for (let run = 0; run < 4; run += 1) await watch.once()
  expect(saved.map(({ bytes }) => bytes)).toEqual([3, 4])
  expect(warnings).toEqual([
    expect.stringContaining('EROFS'),
    expect.stringContaining('can be written again'),
  ])
})

test('a state that another process took over is not written over, and is read again', async () => {
  let isOurs = true
  const saved: number[] = []
  const { watch, warnings } = watchWith({
    store: {
      ...memoryStore('registry.example.com'),
      load: async () => ({ state: { ...emptyState('registry.example.com'), bytes: isOurs ? 0 : 100 } }),
      save: async ({ bytes }) => void saved.push(bytes) as undefined,
      lock: async () => ({ state: 'taken', isOurs: async () => isOurs, release: async () => {} }),
    },
    run: async (state) => {
      state.bytes += 1
    },
  })
  await watch.once()
  isOurs = false
  await watch.once()
  await watch.once()
  expect([saved, watch.state.bytes]).toEqual([[1], 101])
  expect(warnings[0]).toContain('took over its lock')
})

test('a folder that cannot be written is a warning, and the watch goes on in memory', async () => {
  let runs = 0
  const store: StateStore = {
    ...memoryStore('registry.example.com'),
    lock: async () => ({ state: 'unwritable', why: 'EROFS: read-only file system' }),
    save: async () => {
      throw new Error('must not be called')
    },
  }
  const { watch, warnings, stop } = watchWith({
    store,
    run: async () => {
      runs += 1
    },
  })
  const loop = watch.loop()
  await until('three runs', () => runs >= 3)
  stop()
  await loop
  expect(warnings).toEqual([expect.stringContaining('EROFS')])
})

test('a full disk is reported once, and again when something else is wrong', async () => {
  const answers = ['ENOSPC', 'ENOSPC', undefined, 'ENOSPC', 'EIO']
  let saves = 0
  const store: StateStore = { ...memoryStore('registry.example.com'), save: async () => answers[saves++] }
  const { watch, warnings } = watchWith({ store })
  for (const _ of answers) await watch.once()
  expect(warnings.map((text) => /E[A-Z]+/.exec(text)?.[0])).toEqual(['ENOSPC', 'ENOSPC', 'EIO'])
})

test('a run that crashes is reported, and does not end the watch', async () => {
  let runs = 0
  const { watch, warnings, stop } = watchWith({
    run: async () => {
      runs += 1
      if (runs === 1) throw new Error('a mistake')
    },
  })
  const loop = watch.loop()
  await until('two runs', () => runs >= 2)
  stop()
  await loop
  expect(warnings).toEqual([expect.stringContaining('a mistake')])
})

test('an output that crashes is reported, and does not end the watch', async () => {
  let told = 0
  const { watch, warnings, stop } = watchWith({
    onState: async (_state, from) => {
      if (from !== 'run') return
      told += 1
      if (told === 1) throw new URIError('URI malformed')
    },
  })
  const loop = watch.loop()
  await until('two results', () => told >= 2)
  stop()
  await loop
  expect(warnings).toEqual([expect.stringContaining('URI malformed')])
})

test('a run over everything that is due during one of a part waits for it, and is not skipped', async () => {
  const order: string[] = []
  let release: (() => void) | undefined
  const { watch, stop } = watchWith({
    intervalMs: 30,
    run: async (_state, _signal, names) => {
      order.push(names ? 'part' : 'all')
      if (names)
        await new Promise<void>((resolve) => {
          release = resolve
        })
    },
  })
  await watch.once()
  const named = watch.inspect(['a'])
  await until('a part under way', () => release)
  const loop = watch.loop()
  await until('later ones are counted', () => watch.state.skipped.overlap > 0)
  expect(order).toEqual(['all', 'part'])
  release?.()
  await until('the run that waited', () => order.length > 2)
  stop()
  await Promise.all([loop, named])
  expect(order.slice(0, 3)).toEqual(['all', 'part', 'all'])
})

test('notifications that come together lead to one run, which waits for the one under way', async () => {
  const only: string[][] = []
  let release: (() => void) | undefined
  const { watch } = watchWith({
    run: async (_state, _signal, names) => {
      if (names) only.push([...names].toSorted())
      else
        await new Promise<void>((resolve) => {
          release = resolve
        })
    },
  })
  const running = watch.once()
  await until('a run under way', () => release)
  const named = Promise.all([watch.inspect(['a']), watch.inspect(['b', 'a'])])
  await sleep(1200)
  expect(only).toEqual([])
  release?.()
  await Promise.all([running, named])
  expect(only).toEqual([['a', 'b']])
})

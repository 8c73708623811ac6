import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readReplayed } from '../../../src/cli/replayed.ts'
import { readHistory } from '../../../src/observe/recorder/history.ts'
import { record } from '../../../src/observe/recorder/record.ts'
import { fakeHostAccess } from '../../support/fake-host-access.ts'
import { areaIn, healthyRunner } from '../../support/runner-facts.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'regguard-history-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Records so many samples, a second apart; in those of `outage` port 22 times out. */
async function recordSamples(count: number, outage: number[]): Promise<void> {
  const stop = new AbortController()
  let taken = 0
  await record({
    ...{ dir, durationMs: 3_600_000, everyMs: 1, access: fakeHostAccess({ signal: stop.signal }) },
    observe: async () => {
      taken += 1
      // The sample after the last is interrupted.
      if (taken > count) stop.abort()
      const facts = { ...healthyRunner(), at: taken * 1000 }
      if (outage.includes(taken))
        for (const target of areaIn(facts, 'ports').targets)
          for (const dial of target.ports) if (dial.port === 22) dial.result = 'timeout'
      return facts
    },
    isOutage: ({ at }) => outage.includes(at / 1000),
  })
}

test('all samples of a recording tell what happened, though one of them is replayed', async () => {
  await recordSamples(6, [3, 4])
  const replayed = await readReplayed(dir)
  if (!replayed.ok || replayed.kind !== 'recording') throw new Error('not a recording')
  expect(replayed.fact.at).toBe(3000)
  expect(replayed.history?.samples).toEqual([1000, 2000, 3000, 4000, 5000, 6000])
  expect(replayed.history?.dead).toEqual([
    { address: '172.17.0.1', port: 22, from: 3000, to: 5000, samples: 2 },
  ])
})

test('the outage is told although its samples had to make room', async () => {
  await recordSamples(6, [3])
  for (const name of await readdir(join(dir, 'samples')))
    if (name < '000005') await rm(join(dir, 'samples', name))
  expect((await readHistory(dir))?.dead).toEqual([
    { address: '172.17.0.1', port: 22, from: 3000, to: 4000, samples: 1 },
  ])
})

test('a damaged sample is left out', async () => {
  await recordSamples(4, [])
  const [name = ''] = await readdir(join(dir, 'samples'))
  await writeFile(join(dir, 'samples', name), 'not compressed')
  expect((await readHistory(dir))?.samples[0]).toBe(2000)
})

test('one sample has no history', async () => {
  await recordSamples(4, [2])
  expect(await readHistory(join(dir, 'at'))).toBeUndefined()
})

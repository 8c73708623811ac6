import { expect, test } from 'vitest'
import { allOptions, nameOf, type Tally, tryBatch } from '../storage/batch.ts'
import { collectors } from '../storage/collectors.ts'
import { openShell } from '../storage/shell.ts'
import { generations } from '../support/real-generations.ts'

/** A sample of what `npm run prove:forecast` tries. */
const seeds = Array.from({ length: 200 }, (_, at) => 1_000_000 + at)
const batch = 50

const programs = collectors()

for (const [at, generation] of generations.entries())
  generation.suite()(`the forecast and the garbage collection of ${generation.name}`, () => {
    const version = at === 0 ? '2.8' : '3'

    test('agree about random storages, with and without --delete-untagged', {
      timeout: 600_000,
    }, async () => {
      const options = allOptions.filter((one) => one.version === version)
      const tally: Tally = { roots: 0, ends: {}, removedFiles: 0, disagreements: [] }
      const shell = openShell()
      for (let from = 0; from < seeds.length; from += batch)
        await tryBatch(seeds.slice(from, from + batch), options, programs, shell, tally)
      shell.close()
      expect(tally.disagreements).toEqual([])
      expect(tally.removedFiles).toBeGreaterThan(2 * seeds.length)
      for (const one of options) {
        // Most go through and remove something, and some stop, at several steps.
        const ends = Object.entries(tally.ends).filter(([key]) => key.startsWith(`${nameOf(one)}, `))
        const through = ends.find(([key]) => key.endsWith('through'))?.[1] ?? 0
        expect(through).toBeGreaterThan(seeds.length / 2)
        expect(ends.length).toBeGreaterThanOrEqual(3)
      }
    })
  })

import { expect, test } from 'vitest'
import type { CollectionOptions } from '../../src/facts/queries/storage/forecast/collection.ts'
import { allOptions, type Tally, tryBatch } from '../storage/batch.ts'
import { collectors } from '../storage/collectors.ts'
import { generations } from '../support/real-generations.ts'

/** A sample of what `npm run prove:forecast` tries. */
const seeds = Array.from({ length: 200 }, (_, at) => 1_000_000 + at)
const batch = 50

const programs = collectors()

for (const [at, generation] of generations.entries())
  generation.suite()(`the forecast and the garbage collection of ${generation.name}`, () => {
    const version = at === 0 ? '2.8' : '3'
    const program = programs[version]

    test('agree about random storages, with and without --delete-untagged', {
      timeout: 600_000,
    }, async () => {
      const options = allOptions.filter((one) => one.version === version)
      const tallies = await Promise.all(options.map((one) => tryAll(program ?? '', one)))
      expect(tallies.flatMap(({ disagreements }) => disagreements)).toEqual([])
      for (const { ends, removedFiles } of tallies) {
        // Most go through and remove something, and some stop, at several steps.
        const through = Object.entries(ends).find(([key]) => key.endsWith('through'))?.[1] ?? 0
        expect(through).toBeGreaterThan(seeds.length / 2)
        expect(removedFiles).toBeGreaterThan(seeds.length)
        expect(Object.keys(ends).length).toBeGreaterThanOrEqual(3)
      }
    })
  })

async function tryAll(program: string, options: CollectionOptions): Promise<Tally> {
  const tally: Tally = { roots: 0, ends: {}, removedFiles: 0, disagreements: [] }
  for (let from = 0; from < seeds.length; from += batch)
    await tryBatch(program, seeds.slice(from, from + batch), options, tally)
  return tally
}

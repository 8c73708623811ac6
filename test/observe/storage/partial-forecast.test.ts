import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { forecastOf } from '../../../src/facts/queries/storage/forecast/forecast.ts'
import type { ForecastRun } from '../../../src/facts/storage/forecast.ts'
import type { Reading } from '../../../src/observe/storage/reading.ts'
import { randomRoot } from '../../storage/random-root.ts'
import { withRoot } from '../../storage/root-on-disk.ts'
import { readStorage } from './kit.ts'

/** What a run says that holds whatever stands in what was not read. */
const certain = ({ breaks, aborts, isPartial }: ForecastRun) => ({
  breaks: breaks.first
    .filter(({ isCertain }) => isCertain === true || !isPartial)
    .map(({ repository, digest }) => `${repository}@${digest}`),
  aborts: aborts.first.map(({ kind, path }) => `${kind} ${path}`),
})

/** Puts a folder elsewhere, with a link in its place, which the registry follows and a scan does not. */
function hide(folder: string, elsewhere: string): void {
  renameSync(folder, elsewhere)
  symlinkSync(elsewhere, folder)
}

test('what is certain of a storage that was read in part is so of the whole', {
  timeout: 120_000,
}, async () => {
  const found = { breaks: 0, aborts: 0, conditional: 0 }
  for (let seed = 5_000_000; seed < 5_000_150; seed += 1)
    await withRoot(randomRoot(seed), async ({ root, layout, inventory }) => {
      const folders = inventory.repositories
        .map(({ name }) => join(layout, 'repositories', name, '_manifests'))
        .filter((folder) => existsSync(folder))
      const [folder] = folders
      if (folder === undefined) return
      const whole = forecastOf(inventory, {}).runs
      const elsewhere = `${root}-elsewhere`
      let reading: Reading
      try {
        hide(folder, elsewhere)
        reading = await readStorage(root)
      } finally {
        rmSync(elsewhere, { recursive: true, force: true })
      }
      expect(reading.unread.counts).toMatchObject({ repositories: 1, symlink: 1 })
      for (const [at, run] of forecastOf(reading.inventory, {}).runs.entries()) {
        const all = whole[at]
        expect(run).toMatchObject({ isPartial: true, version: all?.version })
        if (!all) continue
        const [told, real] = [certain(run), certain(all)]
        expect(real.breaks, `seed ${seed}`).toEqual(expect.arrayContaining(told.breaks))
        expect(real.aborts, `seed ${seed}`).toEqual(expect.arrayContaining(told.aborts))
        found.breaks += told.breaks.length
        found.aborts += told.aborts.length
        found.conditional += run.breaks.total - told.breaks.length
      }
    })
  // The sample is worth something.
  expect(found.breaks).toBeGreaterThan(30)
  expect(found.aborts).toBeGreaterThan(50)
  expect(found.conditional).toBeGreaterThan(10)
})

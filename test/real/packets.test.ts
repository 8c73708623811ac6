import { afterAll, beforeAll, expect, test } from 'vitest'
import { judged } from '../packets/judged.ts'
import { type Laboratory, startLaboratory } from '../packets/laboratory.ts'
import { load, ruleSetOf } from '../packets/rule-set.ts'
import { tallyOf } from '../packets/tally.ts'
import { suiteNeeds } from '../support/need.ts'

/** A sample of what `npm run packets` tries. */
const seeds = Array.from({ length: 40 }, (_, at) => 100_000 + at)

suiteNeeds(['ip', 'nft', 'iptables-nft-restore', 'iptables-legacy-restore', 'nsenter', 'sysctl'])(
  'the evaluator and real packets',
  () => {
    let laboratory: Laboratory

    beforeAll(async () => {
      laboratory = await startLaboratory()
    }, 60_000)
    afterAll(() => laboratory.stop())

    test('agree about generated rule sets, and most verdicts are given', { timeout: 300_000 }, async () => {
      const tried = []
      for (const seed of seeds) {
        const set = ruleSetOf(seed)
        if (await load(laboratory, set)) tried.push({ set, verdicts: await judged(laboratory, set) })
      }
      const { disagreements, asked, claimed, stopped, sets } = tallyOf(tried)
      expect(disagreements).toEqual([])
      expect(sets).toBeGreaterThan(seeds.length / 2)
      expect(claimed / asked).toBeGreaterThan(0.9)
      // Neither everything nor nothing gets through.
      expect(stopped / claimed).toBeGreaterThan(0.2)
      expect(stopped / claimed).toBeLessThan(0.8)
    })
  },
)

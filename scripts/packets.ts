// Sends real packets through generated rule sets, compares what happens with what regguard says, and writes docs/packets.md.
//
//   npm run packets [-- --count 1000] [--seed 1] [--only SEED]
//
// Needs root. Everything happens in network namespaces that it makes. With --only, one rule set is tried and shown. Exits with 1 where
// regguard and the packets disagree, or where regguard claims too few verdicts.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { judged } from '../test/packets/judged.ts'
import { startLaboratory } from '../test/packets/laboratory.ts'
import { load, type RuleSet, ruleSetOf } from '../test/packets/rule-set.ts'
import { tallyOf } from '../test/packets/tally.ts'
import type { Verdict } from '../test/packets/trial.ts'
import { packetsPage } from './packets/page.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const say = (line: string) => void process.stdout.write(`${line}\n`)
const count = values.only === undefined ? Number(values.count) : 1
const start = Number(values.only ?? values.seed)

const tried: { set: RuleSet; verdicts: Verdict[] }[] = []
let refused = 0
const laboratory = await startLaboratory()
try {
  for (let seed = start; tried.length < count; seed += 1) {
    const set = ruleSetOf(seed)
    if (values.only !== undefined)
      say(JSON.stringify(set, null, 1).replaceAll('\\n', '\n').replaceAll('\\t', '  '))
    if (!(await load(laboratory, set))) {
      refused += 1
      if (values.only !== undefined) break
      continue
    }
    const verdicts = await judged(laboratory, set)
    tried.push({ set, verdicts })
    if (values.only !== undefined) say(JSON.stringify(verdicts, null, 1))
    for (const line of tallyOf([{ set, verdicts }]).disagreements) say(line)
    if (tried.length % 50 === 0) say(`${tried.length} of ${count}, ${refused} refused`)
  }
} finally {
  await laboratory.stop()
}
const tally = tallyOf(tried)
for (const [doubt, times] of Object.entries(tally.doubts)
  .toSorted(([, a], [, b]) => b - a)
  .slice(0, 20))
  say(`not claimed, ${times} times: ${doubt}`)
say(
  `${tally.claimed} of ${tally.asked} verdicts claimed, ${tally.disagreements.length} disagreements; ${tally.complete} of ${tally.sets} rule sets with every verdict`,
)
if (values.only === undefined)
  await writeFile(
    new URL('../docs/packets.md', import.meta.url),
    packetsPage({ ...tally, refused, seed: start, date: new Date() }),
  )
if (tally.disagreements.length > 0 || tally.claimed < tally.asked * 0.95) process.exitCode = 1

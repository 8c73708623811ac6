import type { Laboratory } from './laboratory.ts'
import type { RuleSet } from './rule-set.ts'
import { tallyOf } from './tally.ts'
import { hostIn, tryWays, type Verdict, waysCount } from './trial.ts'

/** Source ports that no packet of this process has had yet. */
let nextPort = 20_000

function freshPorts(): number {
  nextPort = nextPort + 2 * waysCount > 60_000 ? 20_000 : nextPort + waysCount
  return nextPort
}

/**
 * The verdicts for the rule set that is loaded. On a busy machine an answer can be late: where the packets and the evaluator
 * disagree, they are sent again with more time.
 */
export async function judged(laboratory: Laboratory, set: RuleSet): Promise<Verdict[]> {
  const host = await hostIn(laboratory)
  const first = await tryWays(laboratory, host, { firstPort: freshPorts(), ms: 300 })
  const agree = tallyOf([{ set, verdicts: first }]).disagreements.length === 0
  return agree ? first : tryWays(laboratory, host, { firstPort: freshPorts(), ms: 3000 })
}

import type { RuleSet } from './rule-set.ts'
import type { Verdict } from './trial.ts'

/** What a run over many rule sets showed. */
export interface Tally {
  sets: number
  /** Verdicts that were asked for, those that the evaluator gave, and those that say that the packet does not get there. */
  asked: number
  claimed: number
  stopped: number
  /** Rule sets for which every verdict was given. */
  complete: number
  byKind: Record<string, { sets: number; asked: number; claimed: number; stopped: number }>
  /** What the verdicts depend on that were not given, with how often. */
  doubts: Record<string, number>
  disagreements: string[]
}

export function tallyOf(tried: { set: RuleSet; verdicts: Verdict[] }[]): Tally {
  const tally: Tally = {
    ...{ sets: tried.length, asked: 0, claimed: 0, stopped: 0, complete: 0 },
    ...{ byKind: {}, doubts: {}, disagreements: [] },
  }
  for (const { set, verdicts } of tried) {
    const kind = tally.byKind[set.kind] ?? { sets: 0, asked: 0, claimed: 0, stopped: 0 }
    tally.byKind[set.kind] = kind
    kind.sets += 1
    let complete = true
    for (const { flow, said, did, because } of verdicts) {
      for (const what of ['arrives', 'answered'] as const) {
        const [claim, fact] = [said[what], did[what]]
        const claimed = claim === undefined ? 0 : 1
        const stopped = claim === false ? 1 : 0
        for (const one of [tally, kind]) {
          one.asked += 1
          one.claimed += claimed
          one.stopped += stopped
        }
        if (claim === undefined) {
          complete = false
          tally.doubts[because] = (tally.doubts[because] ?? 0) + 1
        } else if (claim !== fact) {
          tally.disagreements.push(
            `seed ${set.seed} (${set.kind}) ${flow} ${what}: regguard says ${claim} (${because}), the packets ${fact}`,
          )
        }
      }
    }
    if (complete) tally.complete += 1
  }
  return tally
}

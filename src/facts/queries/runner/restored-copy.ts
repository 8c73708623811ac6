import { seenIn } from '../../../core/observed.ts'
import type { ChurnFact, RulesFact } from '../../runner.ts'
import { type ManagerView, rewritersIn } from './managers.ts'
import { type DriftView, ruleDrift } from './rule-drift.ts'

/** A saved copy of the rules that was written back, and holds rules of networks that are gone. */
export interface RestoredCopy {
  /** The file that names their bridges, where it could be read. */
  saved?: NonNullable<RulesFact['saved']>[number]
  /**
   * When it was taken, at the latest: all of these networks existed then. Milliseconds since the epoch.
   */
  takenBefore?: number
  /** It is older than the engine’s whole history, in which none of these networks changed. */
  old?: boolean
}

/**
 * Where the stale rules come from: a file that names all of their bridges; or, where such files cannot be read, one copy of the
 * rules, as all of these networks existed at the same time, while no program is known to rewrite tables.
 */
export function restoredCopyIn(runner: DriftView & ManagerView): RestoredCopy | undefined {
  const stale = ruleDrift(runner).staleBridges.filter(({ network }) => !network)
  if (stale.length === 0) return undefined
  const saved = (seenIn(runner.rules)?.saved ?? []).find(({ bridges }) =>
    stale.every(({ bridge }) => bridges.includes(bridge)),
  )
  if (saved) return { saved }
  const churn = seenIn(runner.churn)
  if (!churn || rewritersIn(runner).length > 0) return undefined
  const lives = stale.map(({ bridge }) => lifeOf(bridge, churn))
  const takenBefore = Math.min(...lives.map(({ to }) => to))
  if (Math.max(...lives.map(({ from }) => from)) >= takenBefore) return undefined
  return { takenBefore, old: takenBefore <= churn.window.from }
}

/** From when to when a removed network existed, as far as the history shows. */
function lifeOf(bridge: string, { changes, window }: ChurnFact): { from: number; to: number } {
  const own = changes.filter((change) => change.bridge === bridge)
  return {
    from: own.find(({ what }) => what === 'create')?.at ?? 0,
    to: own.findLast(({ what }) => what === 'destroy')?.at ?? own.at(-1)?.at ?? window.from,
  }
}

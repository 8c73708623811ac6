import type { Fault, Severity } from '../core/finding.ts'
import type { Group } from '../core/groups.ts'
import type { Facts } from '../facts/facts.ts'
import type { Observation } from '../facts/observations.ts'
import type { FactsView } from '../facts/view.ts'
import type { Settings } from '../settings/schema.ts'

/** A check is data: what it is called, what it reads, and a pure function from facts to faults. */
export interface Check {
  /** Also the name of its file, its test and its page. */
  id: string
  group: Group
  /** The good state, in a few words. */
  title: string
  /** The bad state, in one sentence: the words for a cause that a fault doesn't word better. */
  fault: string
  severity: Severity
  /** What to do next, unless a fault says something better. */
  advice: string
  /** Ids of findings that this one explains: where it is reported, they are reported under it. */
  covers?: readonly string[]
  /** What it needs: where one of these is missing and nothing was found, the result is `unknown`. */
  reads: readonly Observation[]
  /** What makes a finding more precise where it was observed. */
  consults: readonly Observation[]
  run: (facts: Facts, settings: Settings) => Fault[]
}

type Definition<R extends Observation, C extends Observation> = Omit<Check, 'reads' | 'consults' | 'run'> & {
  reads: readonly R[]
  consults?: readonly C[]
  run: (facts: FactsView<R | C>, settings: Settings) => Fault[]
}

/** Gives the check back; the type of `run` allows only the facts that `reads` and `consults` name. */
export function defineCheck<const R extends Observation, const C extends Observation = never>(
  check: Definition<R, C>,
): Check {
  const { run, consults = [], ...rest } = check
  const needsRunner = check.reads.some((observation) => observation.startsWith('runner.'))
  return {
    ...rest,
    consults,
    // The type of `run` promises exactly what is tested here.
    run: (facts, settings) => (needsRunner && !facts.runner ? [] : run(facts as never, settings)),
  }
}

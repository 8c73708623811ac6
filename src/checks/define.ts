import type { Fault, Severity } from '../core/finding.ts'
import type { Group } from '../core/groups.ts'
import type { Facts } from '../facts/facts.ts'
import type { Observation } from '../facts/observations.ts'
import type { FactsView } from '../facts/view.ts'
import type { Settings } from '../settings/schema.ts'

/** A check: its name and texts, the observations it reads, and a pure function from facts to faults. */
export interface Check {
  /** Also the name of its file, test and page. */
  id: string
  group: Group
  /** The good state, in a few words. */
  title: string
  /** The bad state in one sentence, which starts with the standard name of the fault. A fault may have its own `title` instead. */
  fault: string
  severity: Severity
  /** One next action. A fault may have its own `advice` instead. */
  advice: string
  /** Ids of findings that this one explains; they are reported under it. */
  covers?: readonly string[]
  /** The observations it needs: if one is missing and nothing was found, the result is `unknown`. */
  reads: readonly Observation[]
  /** Observations that make findings more precise if they are present. */
  consults: readonly Observation[]
  run: (facts: Facts, settings: Settings) => Fault[]
}

type Definition<R extends Observation, C extends Observation> = Omit<Check, 'reads' | 'consults' | 'run'> & {
  reads: readonly R[]
  consults?: readonly C[]
  run: (facts: FactsView<R | C>, settings: Settings) => Fault[]
}

/** Defines a check. The type of `run` allows only the facts behind `reads` and `consults`. */
export function defineCheck<const R extends Observation, const C extends Observation = never>(
  check: Definition<R, C>,
): Check {
  const { run, consults = [], ...rest } = check
  const needs = (group: 'runner' | 'storage' | 'cluster') =>
    check.reads.some((observation) => observation.startsWith(`${group}.`))
  const [needsRunner, needsStorage, needsCluster] = [needs('runner'), needs('storage'), needs('cluster')]
  return {
    ...rest,
    consults,
    // Facts of a runner, a storage and a cluster are optional in `Facts`; the type of `run` relies on this test.
    run: (facts, settings) =>
      (needsRunner && !facts.runner) || (needsStorage && !facts.storage) || (needsCluster && !facts.cluster)
        ? []
        : run(facts as never, settings),
  }
}

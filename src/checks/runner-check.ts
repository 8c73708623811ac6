import type { Fault } from '../core/finding.ts'
import type { RunnerObservation } from '../facts/observations.ts'
import type { RunnerViewOf } from '../facts/view.ts'
import type { Settings } from '../settings/schema.ts'
import type { Check } from './define.ts'

type Definition<R extends RunnerObservation, C extends RunnerObservation> = Omit<
  Check,
  'group' | 'reads' | 'consults' | 'run'
> & {
  reads: readonly R[]
  consults?: readonly C[]
  run: (runner: RunnerViewOf<R | C>, settings: Settings) => Fault[]
}

/** A check of the runner. `run` gets the areas that `reads` and `consults` name; without a runner there is no finding. */
export function runnerCheck<const R extends RunnerObservation, const C extends RunnerObservation = never>(
  check: Definition<R, C>,
): Check {
  const { run, consults = [], ...rest } = check
  return {
    ...rest,
    group: 'runner',
    consults,
    run: ({ runner }, settings) => (runner ? run(runner, settings) : []),
  }
}

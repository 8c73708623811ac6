import {
  type Check,
  defineCheck,
  type Facts,
  type Fault,
  type Look,
  type RunnerFact,
  type Severity,
} from '../core/model.ts'
import type { Settings } from '../settings/schema.ts'

/** A check of the runner: silent where nobody asked for the runner. What was not seen is told once, by `not-observable`. */
export function runnerCheck(about: {
  id: string
  title: string
  fault: string
  severity: Severity
  advice: string
  covers?: readonly string[]
  run: (runner: RunnerFact, settings: Settings) => Fault[]
}): Check {
  return defineCheck({
    ...about,
    group: 'runner',
    needs: ['runner'],
    run: ({ runner }, settings) => (runner ? about.run(runner, settings) : []),
  })
}

/** The value of a look, or undefined where it was not seen: a check that needs it then says nothing. */
export const seenIn = <T>(look: Look<T>): T | undefined => (look.seen ? look.value : undefined)

/** The facts of a run that looked at nothing but a runner. */
export const factsOfRunner = (runner: RunnerFact): Facts => ({
  image: { depth: 'head', targets: [], repositories: [] },
  road: { hosts: [], requests: 0, bytes: 0, at: runner.at },
  runner,
})

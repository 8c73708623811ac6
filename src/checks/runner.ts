import { type Check, defineCheck, type Fault, type Look, type RunnerFact, type Severity } from '../model.ts'
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

import type { Facts } from './facts.ts'
import type { RunnerFact } from './runner.ts'

/** The facts of a run that inspected nothing but a runner. */
export const onlyRunner = (runner: RunnerFact): Facts => ({
  image: { depth: 'head', extent: 'sample', targets: [], repositories: [] },
  registry: { quirks: [] },
  path: { hosts: [], requests: 0, bytes: 0, log: [], at: runner.at },
  runner,
})

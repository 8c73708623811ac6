import { runnerSchema } from '../../facts/runner.ts'
import type { RunnerHistory } from '../../facts/runner-history.ts'
import recording from './recording.json' with { type: 'json' }
import type { Scene } from './scenes.ts'

/** The recording of a runner whose ports stopped answering twice. */
export const recordedScene: Scene = {
  name: 'runner',
  title: 'A recording of a CI runner: while networks come and go, its ports stop answering',
  settings: [
    ['replay', 'RECORDING'],
    ['checks', 'runner'],
  ],
  exitCode: 1,
}

/**
 * What the recording holds, from Docker 20.10 in a network namespace of its own: a rule dropped TCP twice for 14 s, beside a program
 * that rewrites the table of the packet filter. Paths of the laboratory and programs that have no part in it were taken out.
 */
export const recorded = () => ({
  replayed: runnerSchema.parse(recording.fact),
  history: recording.history as RunnerHistory,
})

import { seenIn } from '../../core/observed.ts'
import { durationText } from '../../core/units.ts'
import { managerOfJump } from '../../facts/queries/runner/known-managers.ts'
import { managersIn } from '../../facts/queries/runner/managers.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'jump-position-fight',
  title: 'the order of FORWARD stays as it is',
  fault:
    'Two programs move their jumps to the head of FORWARD in turn: which rules come first changes all the time.',
  severity: 'warning',
  advice:
    'Update Docker to 28.0.1 or later, which leaves the order alone; of the others, let only one insist on the first place.',
  reads: ['runner.rules'],
  consults: ['runner.engine', 'runner.programs'],
  run: (runner) => {
    const samples = seenIn(runner.rules)?.samples
    if (!samples) return []
    const fighters = managersIn(runner)
      .filter(({ fighter }) => fighter)
      .map(({ name }) => name)
    const first = samples.firstRules.map((rule) => managerOfJump(rule))
    const seen = fighters.filter((name) => first.includes(name))
    if (seen.length < 2) return []
    return [
      {
        subject: 'filter FORWARD',
        message: `in ${durationText(samples.overMs)} the first rule was by turns one of ${seen.join(' and of ')}`,
        evidence: samples.firstRules.slice(0, 8).map((rule) => `first: ${rule}`),
      },
    ]
  },
})

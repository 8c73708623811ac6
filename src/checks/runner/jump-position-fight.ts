import { seenIn } from '../../core/observed.ts'
import { durationText } from '../../core/units.ts'
import { managerOfJump } from '../../facts/queries/runner/known-managers.ts'
import { managersIn } from '../../facts/queries/runner/managers.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'jump-position-fight',
  title: 'the order of rules in FORWARD is stable',
  fault:
    'Rule order conflict: two programs keep moving their jumps to the top of FORWARD, so the rules that apply first keep changing.',
  severity: 'warning',
  advice:
    'Update Docker to 28.0.1 or later, which keeps the order; of the other programs, let only one move its jump to the top.',
  reads: ['runner.rules'],
  consults: ['runner.engine', 'runner.programs'],
  run: (runner) => {
    const samples = seenIn(runner.rules)?.samples
    if (!samples) return []
    const owners = samples.firstRules.map((rule) => managerOfJump(rule))
    const rivals = managersIn(runner)
      .filter(({ name, movesJump }) => movesJump && owners.includes(name))
      .map(({ name }) => name)
    if (rivals.length < 2) return []
    return [
      {
        subject: 'filter FORWARD',
        message: `within ${durationText(samples.overMs)}, the first rule alternated between ${rivals.join(' and ')}`,
        evidence: samples.firstRules.slice(0, 8).map((rule) => `first: ${rule}`),
      },
    ]
  },
})

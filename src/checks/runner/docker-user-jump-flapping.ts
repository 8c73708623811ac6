import { seenIn } from '../../core/observed.ts'
import { durationText } from '../../core/units.ts'
import { isNftablesMode } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-user-jump-flapping',
  title: 'FORWARD always jumps to DOCKER-USER',
  fault:
    'The jump to DOCKER-USER comes and goes: for moments, the rules that an operator put there do not hold.',
  severity: 'warning',
  advice:
    'Update Docker to 28.0.1 or later: it sets the jump at its start, and leaves it alone when networks come and go.',
  reads: ['runner.rules'],
  consults: ['runner.engine'],
  run: (runner) => {
    const samples = seenIn(runner.rules)?.samples
    if (!samples || isNftablesMode(runner)) return []
    const { taken, withoutUserJump, overMs, distinct } = samples
    // Never there at all is no flapping: see docker-chain-missing.
    if (withoutUserJump === 0 || withoutUserJump >= taken) return []
    return [
      {
        subject: 'filter FORWARD',
        message: `${withoutUserJump} of ${taken} looks in ${durationText(overMs)} found no jump to DOCKER-USER`,
        evidence: [`${distinct} different states of FORWARD in that time`],
      },
    ]
  },
})

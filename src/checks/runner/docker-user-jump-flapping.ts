import { seenIn } from '../../core/observed.ts'
import { durationText } from '../../core/units.ts'
import { isNftablesMode } from '../../facts/queries/runner/rule-drift.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-user-jump-flapping',
  title: 'FORWARD always jumps to DOCKER-USER',
  fault:
    'DOCKER-USER jump flapping: FORWARD loses its jump to DOCKER-USER for moments, during which packets bypass the operator’s rules.',
  severity: 'warning',
  advice:
    'Update Docker to 28.0.1 or later: it adds the jump at startup and no longer touches it when networks change.',
  reads: ['runner.rules'],
  consults: ['runner.engine'],
  run: (runner) => {
    const samples = seenIn(runner.rules)?.samples
    if (!samples || isNftablesMode(runner)) return []
    const { taken, withoutUserJump, overMs, distinct } = samples
    // A jump that is always missing is not flapping: see docker-chain-missing.
    if (withoutUserJump === 0 || withoutUserJump >= taken) return []
    return [
      {
        subject: 'filter FORWARD',
        message: `${withoutUserJump} of ${taken} samples in ${durationText(overMs)} had no jump to DOCKER-USER`,
        evidence: [`FORWARD had ${distinct} different states in that time`],
      },
    ]
  },
})

import { seemsCutOff } from '../packet/egress.ts'
import { seemsUnreached } from '../packet/isolation.ts'
import { neighboursIn } from '../packet/neighbours.ts'
import type { PublishedView } from '../packet/published-ports.ts'
import { isFirewall } from '../packet/published-text.ts'
import { unreachablePortsIn } from '../packet/published-way.ts'
import { type FlushView, seemsFlushed } from './flush.ts'
import { isInconsistent } from './rule-drift.ts'

/**
 * Whether the first reading is a reason to read again: it contradicts itself, Docker's rules seem to be gone, or packets stopped.
 * Containers come and go while they are read. What may be meant is no reason: it is the same in every run.
 */
export const needsSecondReading = (runner: FlushView & PublishedView): boolean =>
  isInconsistent(runner) ||
  seemsFlushed(runner) ||
  seemsCutOff(runner) ||
  seemsUnreached(runner) ||
  unreachablePortsIn(runner).some((one) => one.certain && !isFirewall(one)) ||
  neighboursIn(runner).some(
    ({ network, result }) => result.kind === 'apart' && result.certain && network?.icc !== false,
  )

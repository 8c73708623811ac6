import { seemsCutOff } from '../packet/egress.ts'
import { neighboursIn } from '../packet/neighbours.ts'
import type { PublishedView } from '../packet/published-ports.ts'
import { unreachablePortsIn } from '../packet/published-way.ts'
import { type FlushView, seemsFlushed } from './flush.ts'
import { isInconsistent } from './rule-drift.ts'

/**
 * Whether the first reading is a reason to read again: it contradicts itself, Docker's rules seem to be gone, or packets stopped.
 * Containers come and go while they are read.
 */
export const needsSecondReading = (runner: FlushView & PublishedView): boolean =>
  isInconsistent(runner) ||
  seemsFlushed(runner) ||
  seemsCutOff(runner) ||
  unreachablePortsIn(runner).length > 0 ||
  neighboursIn(runner).some(({ result }) => result.kind === 'apart')

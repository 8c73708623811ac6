import { type FlushView, seemsFlushed } from './flush.ts'
import { isInconsistent } from './rule-drift.ts'

/** Whether the first reading is a reason to read again: it contradicts itself, or Docker's rules seem to be gone. */
export const needsSecondReading = (runner: FlushView): boolean =>
  isInconsistent(runner) || seemsFlushed(runner)

import { seemsCutOff } from '../packet/egress.ts'
import type { PacketView } from '../packet/guests.ts'
import { type FlushView, seemsFlushed } from './flush.ts'
import { isInconsistent } from './rule-drift.ts'

/** Whether the first reading is a reason to read again: it contradicts itself, Docker's rules seem to be gone, or packets stopped. */
export const needsSecondReading = (runner: FlushView & PacketView): boolean =>
  isInconsistent(runner) || seemsFlushed(runner) || seemsCutOff(runner)

import type { LegState } from '../facts/queries/path/legs.ts'

/** How a leg in this state is marked. */
export const legStatus = {
  works: 'pass',
  sometimes: 'warn',
  fails: 'fail',
  unfinished: 'unknown',
  proxied: 'off',
} as const satisfies Record<LegState, string>

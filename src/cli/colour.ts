import type { CiPlatform } from '../core/platform.ts'
import type { Io } from './io.ts'

/**
 * Whether the output has colours. `NO_COLOR` (no-color.org) turns them off and `FORCE_COLOR` turns them on, on every platform. By
 * default a terminal and the log of a CI system have them, and a pipe has none. If both are set, `NO_COLOR` wins.
 */
export function wantsColour({ env, terminal }: Pick<Io, 'env' | 'terminal'>, platform: CiPlatform): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return !/^(?:0|false)$/.test(env.FORCE_COLOR)
  return platform !== 'plain' || terminal
}

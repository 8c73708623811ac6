import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type { ProgramRun } from '../host-access.ts'

export const seen = <T>(value: T, from: string): Area<T> => ({ seen: true, value, from })

/** Not seen; any one of `needs` would show it. */
export const unseen = (why: string, remedies: Remedy[]): Area<never> => ({
  seen: false,
  why,
  remedies,
  applies: true,
})

/** Nothing of the kind exists here, so nothing is missing. */
export const absent = (why: string): Area<never> => ({ seen: false, why, remedies: [], applies: false })

/** The output of a program that ended well, or why there is none, in words that follow its name. */
export type Output = { ok: true; text: string; truncated: boolean } | { ok: false; why: string }

export function outputOf(program: string, run: ProgramRun): Output {
  if (run.state !== 'ended') {
    const why = run.state === 'missing' ? 'is not installed here' : 'did not end in time'
    return { ok: false, why: `${program} ${why}` }
  }
  if (run.exitCode === 0) return { ok: true, text: run.stdout, truncated: run.truncated }
  const said = run.stderr.trim().split('\n')[0] ?? ''
  return {
    ok: false,
    why: `${program} ended with ${run.exitCode}${said === '' ? '' : `: ${said.slice(0, 200)}`}`,
  }
}

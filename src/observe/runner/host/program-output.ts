import type { ProgramRun } from '../host-access.ts'

/** The output of a program that succeeded, or why there is none; `missing` where it is not installed. */
export type ProgramOutput =
  | { ok: true; text: string; truncated: boolean }
  | { ok: false; why: string; missing: boolean }

export function outputOf(program: string, run: ProgramRun): ProgramOutput {
  if (run.state !== 'ended') {
    const missing = run.state === 'missing'
    return { ok: false, why: `${program} ${missing ? 'is not installed' : 'timed out'}`, missing }
  }
  if (run.exitCode === 0) return { ok: true, text: run.stdout, truncated: run.truncated }
  const message = run.stderr.trim().split('\n')[0] ?? ''
  const detail = message === '' ? '' : `: ${message.slice(0, 200)}`
  return { ok: false, why: `${program} exited with code ${run.exitCode}${detail}`, missing: false }
}

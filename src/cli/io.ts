import type { Mask } from '../log/mask.ts'
import type { Env } from '../settings/sources.ts'

/** What a command needs of the process; main.ts makes it of the real one, tests make their own. */
export interface Io {
  env: Env
  args: string[]
  /** Knows the secrets of the process, for whatever is written in the end. */
  mask: Mask
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  write: (text: string) => void
  /** True on a terminal, where a live line and colours can be seen. */
  terminal: boolean
  now: () => number
  every: (ms: number, run: () => void) => () => void
  appendFile: (path: string, text: string) => void
  writeFile: (path: string, text: string) => void
  /** Calls back on SIGTERM and SIGINT, with the exit code of the signal. */
  onSignal: (stop: (name: string, exitCode: number) => void) => void
}

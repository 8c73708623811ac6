import type { Mask } from '../log/mask.ts'
import type { Env } from '../settings/sources.ts'

/** What a command needs from the process. process.ts provides the real one, tests provide their own. */
export interface Io {
  env: Env
  args: string[]
  /** Holds the secrets of the process; applied to everything that is written. */
  mask: Mask
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  write: (text: string) => void
  /** Whether stdout is a terminal, which can show colours and a live line. */
  terminal: boolean
  now: () => number
  every: (ms: number, run: () => void) => () => void
  appendFile: (path: string, text: string) => void
  writeFile: (path: string, text: string) => void
  /** The text of a file; undefined if there is none, or it cannot be read. */
  readFile: (path: string) => string | undefined
  /** Replaces a file at once, readable for every user. */
  replaceFile: (path: string, text: string) => void
  /** The number of this process. */
  pid: number
  /** Whether a process with this number runs. */
  isAlive: (pid: number) => boolean
  /** Registers a callback for SIGTERM and SIGINT; it gets the exit code of the signal. The process ends after `graceMs` at the latest. */
  onSignal: (stop: (name: string, exitCode: number) => void, graceMs?: number) => void
}

/** What a command prints; `ok` is false where it could not print what was asked for. */
export interface CommandText {
  ok: boolean
  text: string
}

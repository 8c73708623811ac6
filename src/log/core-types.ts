import type { CiPlatform } from '../core/platform.ts'
import type { Groups } from './groups.ts'
import type { Mask } from './mask.ts'
import type { Summary } from './summary.ts'
import type { AnnotationProperties, LogLevel } from './types.ts'

/** Everything the logger needs from outside. */
export type CoreOptions = {
  platform: CiPlatform
  level: LogLevel
  /** Without colour, no SGR sequence is written, not even a caller's. */
  colour: boolean
  env: Readonly<Record<string, string | undefined>>
  /** Writes to the log, in complete lines. */
  write(text: string): void
  appendFile(path: string, text: string): void
  /** Needed only for `summary.write({ overwrite: true })`. */
  writeFile?(path: string, text: string): void
  /** The secrets known so far; default: a new mask. */
  mask?: Mask
}

/** The logging and output functions of @actions/core, independent of the process. */
export type Core = Groups & {
  debug(message: string): void
  info(message: string): void
  notice(message: string | Error, properties?: AnnotationProperties): void
  warning(message: string | Error, properties?: AnnotationProperties): void
  error(message: string | Error, properties?: AnnotationProperties): void
  /** Logs an error and sets `exitCode` to 1. */
  setFailed(message: string | Error): void
  readonly exitCode: number
  /** Masks a secret in everything written from now on and asks the runner to do so too, at any log level. */
  setSecret(secret: string): void
  /** Masks a secret no more that is over, once for each time that it was set. The runner goes on masking it. */
  forgetSecret(secret: string): void
  /** Writes an output to the runner's output file; never a command to the log, which Woodpecker would show. */
  setOutput(name: string, value: unknown): void
  /** Whether debug lines are written: with RUNNER_DEBUG=1 or at level `debug`. */
  isDebug(): boolean
  summary: Summary
}

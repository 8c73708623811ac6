import type { CiPlatform } from '../core/platform.ts'
import type { Groups } from './groups.ts'
import type { Mask } from './mask.ts'
import type { Summary } from './summary.ts'
import type { AnnotationProperties, LogLevel } from './types.ts'

/** Everything the logger needs from outside. */
export type CoreOptions = {
  platform: CiPlatform
  level: LogLevel
  /** Without colour no SGR sequence is written, not even a caller's. */
  colour: boolean
  env: Readonly<Record<string, string | undefined>>
  /** The one stream of the log. Gets whole lines. */
  write(text: string): void
  appendFile(path: string, text: string): void
  /** Only for `summary.write({ overwrite: true })`. */
  writeFile?(path: string, text: string): void
  /** The secrets known so far; a new mask when left out. */
  mask?: Mask
}

/** The logging and output functions of @actions/core, without a process behind them. */
export type Core = Groups & {
  debug(message: string): void
  info(message: string): void
  notice(message: string | Error, properties?: AnnotationProperties): void
  warning(message: string | Error, properties?: AnnotationProperties): void
  error(message: string | Error, properties?: AnnotationProperties): void
  /** Logs an error and makes `exitCode` 1. */
  setFailed(message: string | Error): void
  readonly exitCode: number
  /** Hides a secret in all that is written from now on, and asks the runner to, at any log level. */
  setSecret(secret: string): void
  /** Writes an output to the runner's file for them. Never a command on the log: Woodpecker would show it. */
  setOutput(name: string, value: unknown): void
  /** Whether debug lines are wanted: the runner's RUNNER_DEBUG=1, or the log level. */
  isDebug(): boolean
  summary: Summary
}

import type { ConsolaReporter, LogObject } from 'consola/core'
import type { CiPlatform } from '../core/platform.ts'
import type { LineOptions } from './lines.ts'
import { renderRecord } from './render.ts'
import type { LogRecord } from './types.ts'

/**
 * Creates the logger's only consola reporter. consola filters by level; errors and reports go to the same stream, as the
 * order between two streams is not kept.
 */
export function createReporter(
  platform: CiPlatform,
  options: LineOptions,
  write: (text: string) => void,
): ConsolaReporter {
  return {
    log(logged: LogObject) {
      const record: LogRecord = logged.args[0]
      const lines = renderRecord(record, platform, options)
      if (lines.length > 0) write(lines.map((line) => `${line}\n`).join(''))
    },
  }
}

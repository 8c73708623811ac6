import type { ConsolaReporter, LogObject } from 'consola/core'
import type { CiPlatform } from '../core/platform.ts'
import type { Ink } from './lines.ts'
import { renderRecord } from './render.ts'
import type { LogRecord } from './types.ts'

/**
 * Takes the platform and one stream, gives the only reporter of the logger. consola decides by level what is
 * logged; errors and reports go to the same stream, since between two streams no order is kept.
 */
export function createReporter(
  platform: CiPlatform,
  ink: Ink,
  write: (text: string) => void,
): ConsolaReporter {
  return {
    log(logged: LogObject) {
      const record: LogRecord = logged.args[0]
      const lines = renderRecord(record, platform, ink)
      if (lines.length > 0) write(lines.map((line) => `${line}\n`).join(''))
    },
  }
}

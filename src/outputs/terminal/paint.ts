import type { Severity, Status } from '../../core/finding.ts'

const wrap = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

/** SGR colours; the logger takes them out again where nobody can see them. */
export const paint = {
  bold: wrap(1),
  dim: wrap(2),
  red: wrap(31),
  green: wrap(32),
  yellow: wrap(33),
  cyan: wrap(36),
}

const marks: Record<Status, string> = {
  pass: paint.green('✓'),
  warn: paint.yellow('!'),
  fail: paint.red('✗'),
  unknown: paint.yellow('?'),
  off: paint.dim('-'),
}

/** The mark of a status. */
export const mark = (status: Status): string => marks[status]

/** The mark of a severity. */
export const severityMark = (severity: Severity): string =>
  severity === 'error' ? marks.fail : severity === 'warning' ? marks.warn : paint.cyan('i')

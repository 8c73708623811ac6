import type { Status } from '../../core/finding.ts'
import { groupInfo } from '../../core/groups.ts'
import { count } from '../../core/units.ts'
import type { Report, ReportCheck } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

type LoggedRequest = NonNullable<Report['requestLog']>[number]

/** For `log_level: debug`: every request with its phase times, then every check with how it ended, group by group. */
export const debugLines = (report: Report): string[] => [
  ...(report.requestLog ?? []).map(requestLine),
  ...report.groups.flatMap(({ group, status }) =>
    status === 'off'
      ? []
      : ['', groupInfo[group].label, '-'.repeat(groupInfo[group].label.length), ...checkLines(report, group)],
  ),
]

/** `GET https://… 200 192.0.2.10 h2 dns 3 ms, connect 12 ms, headers 40 ms`. */
function requestLine({
  method,
  url,
  status,
  address,
  http2,
  phases,
  attempt,
  failure,
}: LoggedRequest): string {
  const times = Object.entries(phases).map(([phase, ms]) => `${phase} ${ms} ms`)
  return [
    method,
    clean(url),
    failure ? `${failure.kind} in ${failure.phase}` : (status ?? 'no answer'),
    ...(address === undefined ? [] : [address]),
    http2 ? 'h2' : 'http/1.1',
    times.join(', '),
    ...(attempt > 0 ? [`retry ${attempt}`] : []),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

const checkLines = ({ checks }: Report, group: ReportCheck['group']): string[] =>
  checks.filter((check) => check.group === group).map(checkLine)

function checkLine({ id, title, status, why, findings }: ReportCheck): string {
  const outcome: Record<Status, string> = {
    pass: findings > 0 ? `: ${count(findings, 'note')}` : '',
    warn: `: ${count(findings, 'finding')}`,
    fail: `: ${count(findings, 'finding')}`,
    unknown: `: ${clean(why ?? 'not inspected')}`,
    off: `: ${clean(why ?? 'off')}`,
  }
  return `${mark(status)} ${id}: ${clean(title)}${outcome[status]}`
}

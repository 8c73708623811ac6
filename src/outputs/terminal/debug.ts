import type { Status } from '../../core/finding.ts'
import { groupInfo } from '../../core/groups.ts'
import { count } from '../../core/units.ts'
import type { Report, ReportCheck } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

type LoggedRequest = NonNullable<Report['requestLog']>[number]

/** For `log_level: debug`: every request with its phase times, then every check with how it ended, group by group. */
export const debugLines = (report: Report): string[] => [
  ...(report.requestLog ? [...heading('requests'), ...report.requestLog.map(requestLine)] : []),
  ...report.groups.flatMap(({ group, status }) =>
    status === 'off' ? [] : ['', ...heading(groupInfo[group].label), ...checkLines(report, group)],
  ),
]

const heading = (title: string): string[] => [title, '-'.repeat(title.length)]

/** `GET https://… 200 192.0.2.10 h2 dns 3 ms, connect 12 ms, headers 40 ms`; of a failure, in which phase it was, and why. */
function requestLine(request: LoggedRequest): string {
  const { method, url, status, failure, attempt, phases } = request
  const times = Object.entries(phases).map(([phase, ms]) => `${phase} ${ms} ms`)
  return [
    method,
    clean(url),
    ...(status === undefined ? [] : [status]),
    ...(failure ? [failureText(failure, phases)] : []),
    ...(status === undefined && !failure ? ['no response'] : []),
    ...placeOf(request),
    [...times, ...(attempt > 0 ? [`retry ${attempt}`] : [])].join(', '),
    ...(failure ? [`(${clean(failure.detail)})`] : []),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** A phase that failed has no time of its own among the others. */
function failureText({ kind, phase, ms }: NonNullable<LoggedRequest['failure']>, phases: object): string {
  return `${kind} in ${phase}${ms === undefined || phase in phases ? '' : ` after ${ms} ms`}`
}

/** Where it was sent, and by which version of HTTP; without a connection only the addresses that were tried. */
function placeOf({ address, proxy, http2, failure }: LoggedRequest): string[] {
  if (address === undefined && proxy === undefined) return failure?.addresses?.map((one) => clean(one)) ?? []
  return [address ?? `through ${clean(proxy ?? '')}`, http2 ? 'h2' : 'http/1.1']
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

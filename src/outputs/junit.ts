import { groupInfo } from '../core/groups.ts'
import type { Report, ReportCause, ReportCheck } from '../report/schema.ts'
import type { ReportTarget } from '../report/sections/image.ts'
import { element, xmlText } from './xml.ts'

/** How a test case ended. A case without an outcome passed. */
interface Outcome {
  kind: 'failure' | 'error' | 'skipped'
  type?: string
  message: string
  lines: string[]
}

interface Case {
  /** What its history is kept by, together with `name`: both are the same in every run. */
  className: string
  name: string
  outcome: Outcome | undefined
  /** What is worth reading, but counts for nothing. */
  output: string[]
}

/**
 * The report as JUnit XML, for `report_junit`, in the dialect of Jenkins' xUnit plugin (junit-10.xsd), which GitLab reads, too. Each
 * image and each check is one test case, whose name does not depend on how it ended. What could not be inspected is skipped;
 * it is an error where it is required.
 */
export function renderJunit(report: Report): string {
  const suites = [
    { name: 'regguard.images', cases: report.targets.map((target) => imageCase(target)) },
    ...report.groups
      .filter(({ status, required }) => status !== 'off' || required)
      .map((verdict) => ({
        name: `regguard.${verdict.group}`,
        cases: [
          ...(verdict.required ? [requiredCase(verdict)] : []),
          ...report.checks
            .filter(({ group, status }) => group === verdict.group && status !== 'off')
            .map((check) => checkCase(check, report)),
        ],
      })),
  ].filter(({ cases }) => cases.length > 0)
  const all = suites.flatMap(({ cases }) => cases)
  const attributes = { name: 'regguard', ...counts(all), time: seconds(report) }
  const texts = suites.map(({ name, cases }) => `${suiteText(name, cases, report)}\n`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, ['\n', ...texts])}\n`
}

function suiteText(name: string, cases: readonly Case[], { startedAt }: Report): string {
  const skipped = cases.filter(({ outcome }) => outcome?.kind === 'skipped').length
  const attributes = { name, ...counts(cases), skipped, timestamp: startedAt.replace(/\.\d+Z$/, '') }
  return element('testsuite', attributes, ['\n', ...cases.map((one) => `${caseText(one)}\n`)])
}

const counts = (cases: readonly Case[]) => ({
  tests: cases.length,
  failures: cases.filter(({ outcome }) => outcome?.kind === 'failure').length,
  errors: cases.filter(({ outcome }) => outcome?.kind === 'error').length,
})

const seconds = ({ durationMs }: Report): string => (durationMs / 1000).toFixed(3)

function caseText({ className, name, outcome, output }: Case): string {
  return element('testcase', { classname: className, name }, [
    ...(outcome
      ? [element(outcome.kind, { type: outcome.type, message: outcome.message }, textOf(outcome.lines))]
      : []),
    ...(output.length > 0 ? [element('system-out', {}, textOf(output))] : []),
  ])
}

const textOf = (lines: readonly string[]): string[] => (lines.length > 0 ? [xmlText(lines)] : [])

function imageCase(target: ReportTarget): Case {
  const { reference, status, members, faults } = target
  const lines = [
    ...faults,
    ...members.flatMap((member) => member.faults.map((fault) => `${member.platform || 'image'}: ${fault}`)),
  ]
  const base = { className: 'regguard.images', name: reference, outcome: undefined, output: [] }
  if (status === 'fail')
    return { ...base, outcome: { kind: 'failure', message: 'the image is at fault', lines } }
  if (status === 'unknown' || status === 'off')
    return {
      ...base,
      outcome: {
        kind: 'skipped',
        message: status === 'off' ? 'followed to one blob only' : 'not inspected',
        lines,
      },
    }
  return { ...base, output: lines }
}

/** A group that the settings require: what could not be inspected is an error then. */
function requiredCase({ group, status, why }: Report['groups'][number]): Case {
  const isMissing = status === 'unknown' || status === 'off'
  return {
    className: `regguard.${group}`,
    name: 'was inspected',
    outcome: isMissing
      ? {
          kind: 'error',
          type: 'required',
          message: why ?? `${groupInfo[group].label}: not inspected`,
          lines: [],
        }
      : undefined,
    output: [],
  }
}

function checkCase(check: ReportCheck, report: Report): Case {
  const { id, group, title, status } = check
  const base = { className: `regguard.${group}.${id}`, name: title, outcome: undefined, output: [] }
  const causes = report.causes.flatMap((cause) => {
    const findings = cause.findings.filter((finding) => finding.id === id)
    return findings.length > 0 ? [{ ...cause, findings }] : []
  })
  const lines = causes.flatMap(causeText)
  const crash = report.crashes.find((text) => text.startsWith(`${id}:`))
  if (crash !== undefined)
    return { ...base, outcome: { kind: 'error', type: 'crash', message: crash, lines: [] } }
  if (status === 'fail' || (status === 'warn' && countsWarnings(report)))
    return { ...base, outcome: { kind: 'failure', type: id, message: causes[0]?.title ?? title, lines } }
  if (status === 'unknown') {
    const { why = 'not inspected', remedies } = check
    return { ...base, outcome: { kind: 'skipped', message: why, lines: remedies } }
  }
  return { ...base, output: lines }
}

/** Whether the run failed for warnings, as with `fail_on: warning`. */
const countsWarnings = ({ exitCode, checks }: Report): boolean =>
  exitCode === 1 && checks.every(({ status }) => status !== 'fail')

function causeText({
  title,
  because,
  findings,
  advice,
  commands,
  also = [],
  rebuild,
  url,
  id,
}: ReportCause): string[] {
  const listed = findings.slice(0, maxFindings)
  const more = findings.length - listed.length
  return [
    title,
    ...(because === undefined ? [] : [because]),
    ...listed.flatMap(({ subject, platforms = [], message, evidence }) => [
      `${subject}${platforms.length > 0 ? ` (${platforms.join(', ')})` : ''}: ${message}`,
      ...evidence.map((text) => `  ${text}`),
    ]),
    ...(more > 0 ? [`and ${more} more; report_json lists them all`] : []),
    ...[{ advice, commands }, ...also].flatMap((one) => [`do: ${one.advice}`, ...(one.commands ?? [])]),
    ...(rebuild === undefined ? [] : [rebuild]),
    `more: ${url ?? `regguard-plugin explain ${id}`}`,
  ]
}

/** So many findings of a cause are listed. */
const maxFindings = 20

import type { Status } from '../../core/finding.ts'
import { groupInfo } from '../../core/groups.ts'
import { count, durationText } from '../../core/units.ts'
import type { Report, ReportCause } from '../../report/schema.ts'
import { togetherLines } from '../terminal/together.ts'
import { objectsText, orderLines, provenText, subjectOf, verdictName } from '../terminal/verdict.ts'
import { causeBody, splitTitle } from './causes.ts'
import { type Content, type Html, html } from './markup.ts'
import { mark } from './status.ts'

/** The verdict: the worst cause and what to do, or what was proven; then how each group stands. */
export function verdictPart(
  report: Report,
  worst: ReportCause | undefined,
  anchors: ReadonlySet<string>,
): Html {
  return html`<div class="verdict ${report.status}">
<p class="kicker"><span class="badge ${report.status}">${badge(report)}</span> <span class="mono">${subjectOf(report)}</span></p>
${worst ? causeHead(worst) : goodHead(report)}
${report.stopped === undefined ? undefined : html`<p>${report.stopped}; the results are partial.</p>`}
${[...orderLines(report), ...togetherLines(report)].map((line) => html`<p class="because">${line}</p>`)}
<ul class="groups" aria-label="Groups">${report.groups.filter(({ status }) => status !== 'off').map((one) => groupItem(one, anchors))}</ul>
<p class="numbers">${numbers(report)}</p>
</div>`
}

const badges: Record<ReturnType<typeof verdictName>, string> = {
  ok: 'Passed',
  findings: 'Failed',
  unchecked: 'Not checked',
  stopped: 'Stopped',
}

function badge(report: Report): string {
  const name = verdictName(report)
  const hasFaults = report.causes.some(({ severity }) => severity !== 'note')
  return name === 'ok' && hasFaults ? 'Passed, with findings' : badges[name]
}

function causeHead(cause: ReportCause): Html {
  const { name, meaning } = splitTitle(cause.title)
  return html`<h1>${name}</h1>${meaning === '' ? undefined : html`<p class="lead">${meaning}</p>`}${causeBody(cause, 2)}`
}

function goodHead(report: Report): Html {
  const isGood = report.exitCode === 0
  const proven = provenText(report)
  return html`<h1>${isGood ? 'No problems found' : report.stopped === undefined ? 'Not everything could be inspected' : 'The run ended early'}</h1>${
    proven === '' || proven === 'no problems found'
      ? undefined
      : html`<p class="lead">${sentence(proven)}</p>`
  }`
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

function groupItem(
  { group, status, required, why }: Report['groups'][number],
  anchors: ReadonlySet<string>,
): Html {
  const inside: Content = [mark(status as Status), ' ', groupInfo[group].label]
  const note = required && status === 'unknown' ? ' (required)' : ''
  const title = why ?? groupInfo[group].about
  return anchors.has(group)
    ? html`<li><a href="#${group}" title="${title}">${inside}${note}</a></li>`
    : html`<li><span class="group" title="${title}">${inside}${note}</span></li>`
}

function numbers(report: Report): string {
  const { totals, durationMs, exitCode } = report
  return [
    ...(totals.causes > 0 ? [count(totals.causes, 'cause'), count(totals.findings, 'finding')] : []),
    ...(totals.objects > 0 ? [objectsText(totals)] : []),
    durationText(durationMs),
    `exit ${exitCode}`,
  ].join(' · ')
}

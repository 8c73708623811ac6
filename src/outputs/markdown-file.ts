import type { Report, ReportCause } from '../report/schema.ts'
import { type Content, type Html, html, upTo, withCommands } from './html/markup.ts'
import { isOfWeb } from './html/web.ts'
import { renderSummary, type Summary, summaryColumns } from './markdown.ts'
import { splitCauses } from './terminal/causes.ts'
import { togetherLines } from './terminal/together.ts'
import { groupsText, subjectOf } from './terminal/verdict.ts'

/** A comment is read in seconds: so many causes, findings, pieces of advice and commands are shown. */
const [maxCauses, maxFindings, maxActions, maxCommands] = [5, 5, 3, 4]

/**
 * The report in short, for `report_markdown`: job summaries and comments of pull requests. It is written in blocks of HTML, which
 * Markdown takes as they are, so that no text from outside is read as Markdown.
 */
export function renderMarkdown(report: Report): string {
  const { faults } = splitCauses(report)
  const summary = renderSummary(report)
  const more = faults.length - maxCauses
  const { url } = report.ci
  const blocks: Content[] = [
    html`<h3>${summary.heading}: ${subjectOf(report)}</h3>`,
    ...faults.slice(0, maxCauses).map(causeBlock),
    ...(more > 0 ? [html`<p>and ${more} more, in the log and in the other reports.</p>`] : []),
    ...togetherLines(report).map((text) => html`<p>${text}</p>`),
    ...(report.targets.length > 0 ? [tableOf(summary)] : []),
    html`<p>${groupsText(report)}${url !== undefined && isOfWeb(url) ? html` · <a href="${upTo(url, 2000)}">the run</a>` : undefined}</p>`,
  ]
  return withoutMentions(blocks.map((block) => html`${block}\n`.html).join('\n'))
}

/** One piece of advice, with its commands. */
function actionBlock(
  { advice, commands = [] }: { advice: string; commands?: string[] | undefined },
  rebuild?: string,
): Html {
  const shown = commands.slice(0, maxCommands)
  return html`<p>${withCommands(advice)}${rebuild === undefined ? undefined : html`<br>${rebuild}`}</p>${
    shown.length > 0
      ? html`\n<pre><code>${shown.map((command) => html`${upTo(command, 4000)}\n`)}</code></pre>`
      : undefined
  }`
}

function causeBlock({
  title,
  because,
  advice,
  commands,
  also = [],
  rebuild,
  findings,
  id,
  url,
}: ReportCause): Html {
  const lines = findings.slice(0, maxFindings)
  const more = findings.length - lines.length
  return html`<p><strong>${title}</strong>${because === undefined ? undefined : html`<br>${withCommands(because)}`}</p>
${actionBlock({ advice, commands }, rebuild)}${also.slice(0, maxActions - 1).map((one) => html`\n${actionBlock(one)}`)}
<details><summary>Evidence</summary><ul>${lines.map(
    ({ subject, message, evidence }) =>
      html`<li><code>${subject}</code>: ${message}${evidence.slice(0, 4).map((line) => html`<br><code>${line}</code>`)}</li>`,
  )}${more > 0 ? html`<li>and ${more} more</li>` : undefined}</ul>More: ${
    url !== undefined && isOfWeb(url)
      ? html`<a href="${upTo(url, 2000)}">${id}</a>`
      : html`<code>regguard-plugin explain ${id}</code>`
  }</details>`
}

const tableOf = ({ rows }: Summary): Html =>
  html`<table><tr>${summaryColumns.map((name) => html`<th>${name}</th>`)}</tr>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</table>`

/** Forges notify whoever an `@name` names; a comment between them is not shown, and keeps them apart. */
const withoutMentions = (page: string): string =>
  page.replaceAll(/(<[^>]*>)|@(?=\w)/g, (_all, tag: string | undefined) => tag ?? '@<!-- -->')

import { count } from '../../core/units.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { ReportCause } from '../../report/schema.ts'
import { type Content, type Html, html, upTo, withCommands } from './markup.ts'
import { mark, statusOf } from './status.ts'
import { isOfWeb } from './web.ts'

type Finding = ReportCause['findings'][number]

/** So many findings of a cause are listed, of which the first stand open. */
const [maxFindings, maxOpen] = [60, 2]
const maxCommands = 30

/** A title has the form “Name: what it means”. */
export function splitTitle(title: string): { name: string; meaning: string } {
  const at = title.indexOf(': ')
  if (at < 0 || at > 60) return { name: title.replace(/\.$/, ''), meaning: '' }
  const meaning = title.slice(at + 2)
  return { name: title.slice(0, at), meaning: `${meaning.slice(0, 1).toUpperCase()}${meaning.slice(1)}` }
}

/** So many causes below the first stand open. */
const maxArticles = 5

/** The causes below the first: the worst of them open, and of very many the others folded, each with a line that names it. */
export const causeList = (causes: readonly ReportCause[]): Html[] => [
  ...causes.slice(0, maxArticles).map(causeArticle),
  ...causes.slice(maxArticles).map(foldedCause),
]

function foldedCause(cause: ReportCause): Html {
  const { name, meaning } = splitTitle(cause.title)
  const [first] = cause.findings
  return html`<details class="cause"><summary>${mark(statusOf(cause.severity))} <b>${name}</b>${first === undefined ? undefined : html` <span class="mono">${first.subject.replace(/sha256:[0-9a-f]{64}/, shortDigest)}</span>`}</summary>
${meaning === '' ? undefined : html`<p>${meaning}</p>`}${causeBody(cause, 3)}</details>
`
}

function causeArticle(cause: ReportCause): Html {
  const { name, meaning } = splitTitle(cause.title)
  return html`<article class="cause"><h3>${mark(statusOf(cause.severity))} ${name}</h3>
${meaning === '' ? undefined : html`<p>${meaning}</p>`}${causeBody(cause, 3)}</article>
`
}

/** Why it was chosen, what to do, which objects it is about, and where to read on. `level` is that of its headings. */
export const causeBody = (cause: ReportCause, level: 2 | 3): Content => [
  cause.because === undefined ? undefined : html`<p class="because">${withCommands(cause.because)}</p>`,
  doPanel(cause, level),
  findingsList(cause),
  html`<p class="more">More: ${moreOf(cause)}</p>`,
]

function doPanel({ also = [], rebuild, ...first }: ReportCause, level: 2 | 3): Html {
  const heading = level === 2 ? html`<h2>What to do</h2>` : html`<h4 class="unseen">What to do</h4>`
  return html`<div class="do">${heading}${actionPart(first)}${
    rebuild === undefined ? undefined : html`<p>${withCommands(rebuild)}</p>`
  }${also.map(actionPart)}</div>`
}

/** One piece of advice, with its commands to be copied. */
function actionPart({ advice, commands = [] }: Pick<ReportCause, 'advice' | 'commands'>): Html {
  const shown = commands.slice(0, maxCommands)
  const more = commands.length - shown.length
  return html`<p>${withCommands(advice)}</p>${
    shown.length > 0
      ? html`<div class="copied"><pre>${shown.map((command) => html`${upTo(command, 4000)}\n`)}</pre></div>`
      : undefined
  }${more > 0 ? html`<p>and ${count(more, 'more command')} in the report below</p>` : undefined}`
}

function findingsList({ findings }: ReportCause): Content {
  if (findings.length === 0) return undefined
  const listed = findings.slice(0, maxFindings)
  const more = findings.length - listed.length
  const folded = listed.slice(maxOpen)
  return [
    html`<ul class="findings">${listed.slice(0, maxOpen).map(item)}</ul>`,
    folded.length > 0
      ? html`<details><summary>${count(findings.length - maxOpen, 'more of the same', 'more of the same')}</summary><ul class="findings">${folded.map(item)}</ul>${
          more > 0 ? html`<p class="quiet">and ${more} more, in the report below</p>` : undefined
        }</details>`
      : undefined,
  ]
}

function item({ subject, platforms = [], message, expected, actual, absent, evidence }: Finding): Html {
  const compared = absent ? [] : [...pair('expected', expected), ...pair('found', actual)]
  return html`<li><span class="mono">${subject}</span>${platforms.length > 0 ? ` (${platforms.join(', ')})` : ''}: ${withCommands(message)}${
    compared.length > 0 ? html`<dl>${compared}</dl>` : undefined
  }${evidence.length > 0 ? html`<p class="evidence mono">${evidence.slice(0, 8).map((line, at) => html`${at > 0 ? html`<br>` : undefined}${line}`)}</p>` : undefined}</li>
`
}

const pair = (name: string, value: string | undefined): Html[] =>
  value === undefined || value === '' ? [] : [html`<dt>${name}</dt><dd class="mono">${value}</dd>`]

/** A link only for the web: an address of any other kind stays text. */
function moreOf({ url, id }: ReportCause): Html {
  return url !== undefined && isOfWeb(url)
    ? html`<a href="${upTo(url, 2000)}">${id}</a>`
    : html`<code>regguard-plugin explain ${id}</code>`
}

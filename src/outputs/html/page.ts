import { type Group, groupInfo } from '../../core/groups.ts'
import { durationText } from '../../core/units.ts'
import { hideIn } from '../../report/hide.ts'
import type { Report } from '../../report/schema.ts'
import { splitCauses } from '../terminal/causes.ts'
import { runText, subjectOf } from '../terminal/verdict.ts'
import { causeList } from './causes.ts'
import { checksSection } from './checks.ts'
import { clusterSection } from './cluster.ts'
import { embedded } from './embedded.ts'
import { head } from './head.ts'
import { imageSection } from './image.ts'
import { type Content, type Html, html, upTo } from './markup.ts'
import { pathSection } from './path.ts'
import { registrySection } from './registry.ts'
import { runnerSection } from './runner.ts'
import { script, scriptHash } from './script.ts'
import { statusOrder } from './status.ts'
import { storageSection } from './storage.ts'
import { verdictPart } from './verdict.ts'
import { isOfWeb } from './web.ts'

/** What each group shows on the page. */
const parts = {
  image: imageSection,
  registry: registrySection,
  path: pathSection,
  runner: runnerSection,
  storage: storageSection,
  cluster: clusterSection,
} satisfies Record<Group, (report: Report) => Html | undefined>

/** Nothing is fetched, and no script runs but the page's own, whatever a text of the report may hold. */
const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`

/** The report as one page that needs nothing else, for `report_html`. */
export function renderHtml(whole: Report): string {
  // As a run cuts them already: a report that comes from elsewhere may hold texts of any length.
  const report = hideIn(whole, (text) => text)
  const { faults, notes } = splitCauses(report)
  const [worst, ...others] = faults
  const sections = report.groups
    .filter(({ status }) => status !== 'off')
    .flatMap(({ group, status }) => {
      const content = parts[group](report)
      return content ? [{ group, status, content }] : []
    })
    .toSorted((a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status))
  const anchors = new Set(sections.map(({ group }) => group))
  return html`${head(policy, titleOf(report))}
<header class="top"><span>${runOf(report)}</span><span>${dateOf(report)}</span></header>
<main>
${verdictPart(report, worst, anchors)}
${section('causes', 'Also found', causeList(others))}
${sections.map(({ group, content }) => section(group, groupInfo[group].label, content))}
${section('notes', 'Notes', causeList(notes))}
${section('checks', 'All checks', checksSection(report))}
</main>
<footer>${footer()}</footer>
</div>
${embedded(report)}
<script>${script}</script>
</body>
</html>
`.html
}

const verdicts: Record<Report['status'], string> = {
  fail: 'failed',
  warn: 'warning',
  pass: 'passed',
  unknown: 'not checked',
  off: 'off',
}

const titleOf = (report: Report): Html =>
  upTo(`${verdicts[report.status]}: ${subjectOf(report)} · regguard`, 160)

function runOf(report: Report): Html {
  const [tool, ...run] = runText(report)
  const { url } = report.ci
  const text = run.join(' · ')
  const linked =
    url !== undefined && isOfWeb(url) ? html`<a href="${upTo(url, 2000)}">${text || 'the run'}</a>` : text
  return html`<b>${tool}</b>${text === '' && url === undefined ? undefined : html` · ${linked}`}`
}

const dateOf = ({ startedAt, durationMs }: Report): Html =>
  html`<time datetime="${startedAt}">${startedAt.slice(0, 19).replace('T', ' ')} UTC</time> · ${durationText(durationMs)}`

function section(id: string, title: string, content: Content): Content {
  if (content === undefined || (Array.isArray(content) && content.length === 0)) return undefined
  const heading = `${title.slice(0, 1).toUpperCase()}${title.slice(1)}`
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${heading}</h2>
${content}</section>
`
}

const footer =
  (): Html => html`<div class="tools"><button type="button" id="unfold">Unfold all</button><button type="button" id="fold">Fold all</button><button type="button" id="save">Save the report as JSON</button></div>
<p>This page holds the whole report. <code>regguard-plugin replay PAGE.html</code> shows it again in any form.</p>`

import type { Status } from '../../core/finding.ts'
import { bytesText, count, durationText } from '../../core/units.ts'
import {
  isInspected,
  type ReportedFault,
  type WatchedRegistryReport,
  type WatchReport,
} from '../../report/watch.ts'
import { splitTitle } from './causes.ts'
import { faultTimeline } from './fault-timeline.ts'
import { head } from './head.ts'
import { type Content, type Html, html, upTo, withCommands } from './markup.ts'
import { mark, statusOf } from './status.ts'
import { isOfWeb } from './web.ts'

/** So many faults of a registry are listed, of which the first stand open. */
const [maxFaults, maxOpen] = [200, 10]

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** What a watch knows of each registry, and since when: the page at `/` of its server. */
export const renderWatch = ({ tool, registries, shard }: WatchReport): string =>
  html`${head(policy, `${worstWord(registries)} \u00b7 regguard watch`)}
<header class="top"><span><b>${tool.name} ${tool.version}</b> watch${shard === undefined ? '' : ` · part ${shard}`}</span></header>
<main>
<h1 class="unseen">Watched registries</h1>
${registries.map(registrySection)}
</main>
<footer><p>The same for programs: <a href="findings">findings</a> as JSON, <a href="metrics">metrics</a> for Prometheus.</p></footer>
</div>
</body>
</html>
`.html

const states: Record<WatchedRegistryReport['status'], { status: Status; word: string }> = {
  ok: { status: 'pass', word: 'All images can be pulled' },
  accepted: { status: 'warn', word: 'All that is broken is accepted' },
  partial: { status: 'unknown', word: 'Nothing is broken, and not everything could be inspected' },
  findings: { status: 'fail', word: 'Images are broken' },
  unchecked: { status: 'unknown', word: 'The registry could not be inspected' },
  waiting: { status: 'off', word: 'The first run has not ended' },
}

const severities = ['findings', 'unchecked', 'partial', 'accepted', 'waiting', 'ok'] as const

/** The state of the worst registry, for the tab of a browser. */
function worstWord(registries: readonly WatchedRegistryReport[]): string {
  const worst = severities.find((one) => registries.some(({ status }) => status === one))
  return worst === undefined ? 'no registry' : states[worst].word
}

function registrySection(registry: WatchedRegistryReport): Html {
  const { status, word } = states[registry.status]
  const counted = registry.faults.filter(({ accepted }) => accepted === undefined)
  const accepted = registry.faults.filter((fault) => fault.accepted !== undefined)
  return html`<section><div class="verdict ${status}">
<p class="kicker"><span class="badge ${status}">${mark(status)} ${registry.status}</span> <span class="mono">${registry.registry}</span></p>
<h2>${word}</h2>
${registry.why === undefined ? undefined : html`<p class="because">${registry.why}</p>`}
${registry.unfinished ? html`<p class="because">The run of ${time(registry.unfinished.at)} did not finish: ${registry.unfinished.why}</p>` : undefined}
<p class="numbers">${numbers(registry)}</p>
</div>
${objectsList(registry)}
${unseenPart(registry)}
${faultTimeline(registry)}
${faultsPart('Broken', counted)}
${faultsPart('Accepted', accepted)}</section>
`
}

const time = (iso: string): Html =>
  html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`

function numbers(registry: WatchedRegistryReport): Content {
  const { lastRun, lastSuccess, durationMs, repositories, tags, counters } = registry
  const runs = Object.entries(counters.runs).filter(([, many]) => many > 0)
  return [
    lastRun === undefined ? 'no run yet' : html`last run ${time(lastRun)} in ${durationText(durationMs)}`,
    !isInspected(registry) && lastSuccess !== undefined
      ? html` · last inspected ${time(lastSuccess)}`
      : undefined,
    ` · ${count(repositories, 'repository', 'repositories')}, ${count(tags, 'tag')}`,
    runs.length > 0
      ? ` · runs so far: ${runs.map(([outcome, many]) => `${many} ${outcome}`).join(', ')}`
      : undefined,
    ` · ${bytesText(counters.bytes)} read`,
  ]
}

/** How far each object is proven; the oldest proof says how old the claim is. */
function objectsList({ objects, oldestProof }: WatchedRegistryReport): Content {
  const { proven, stale, unproven, missing } = objects
  if (proven + stale + unproven + missing === 0) return undefined
  const lines: [Status, number, string][] = [
    ['fail', missing, 'missing'],
    ['unknown', stale, 'proven too long ago to claim anything'],
    ['warn', unproven, 'never proven to the end'],
    ['pass', proven, 'proven'],
  ]
  return html`<h3>Objects</h3><ul class="lines">${lines
    .filter(([, many]) => many > 0)
    .map(
      ([status, many, what]) =>
        html`<li>${mark(status)} ${many} ${what}${status === 'pass' && oldestProof !== undefined ? html`, the oldest proof of ${time(oldestProof)}` : undefined}</li>`,
    )}</ul>`
}

function unseenPart({ unseen, unseenMore }: WatchedRegistryReport): Content {
  if (unseen.length === 0) return undefined
  return html`<h3>Not inspected</h3><ul class="lines">${unseen.map(
    ({ repository, reason, count: many, detail }) =>
      html`<li>${mark('unknown')} <span class="mono">${repository === '' ? 'the catalog' : repository}</span>: ${count(many, 'object')}, ${reason}: ${detail}</li>`,
  )}</ul>${unseenMore > 0 ? html`<p class="quiet">and ${count(unseenMore, 'more repository', 'more repositories')}</p>` : undefined}`
}

function faultsPart(title: string, faults: readonly ReportedFault[]): Content {
  if (faults.length === 0) return undefined
  const shown = faults.slice(0, maxFaults)
  const folded = shown.slice(maxOpen)
  const more = faults.length - shown.length
  return html`<h3>${title}</h3><ul class="findings">${shown.slice(0, maxOpen).map(faultItem)}</ul>${
    folded.length > 0
      ? html`<details><summary>${count(faults.length - maxOpen, 'more fault')}</summary><ul class="findings">${folded.map(faultItem)}</ul>${more > 0 ? html`<p class="quiet">and ${more} more, in <a href="findings">findings</a></p>` : undefined}</details>`
      : undefined
  }`
}

function faultItem(fault: ReportedFault): Html {
  const { severity, subject, platforms, message, title, advice, brokenSince, accepted, url, id, tags } = fault
  const { name, meaning } = splitTitle(title)
  return html`<li>${mark(statusOf(severity))} <strong>${name}</strong>${fault.new ? ' (new)' : ''}${meaning === '' ? undefined : html`: ${meaning}`}<br>
<span class="mono">${subject}</span>${platforms.length > 0 ? ` (${platforms.join(', ')})` : ''}: ${message}${tags.length > 0 ? html`<br>Tags: <span class="mono">${tags.slice(0, 12).join(', ')}${tags.length > 12 ? ` and ${tags.length - 12} more` : ''}</span>` : undefined}<br>
Broken since ${time(brokenSince)}.${accepted ? html` Accepted until ${time(accepted.expires)}: ${accepted.reason}` : html` ${withCommands(advice)}`} More: ${
    url !== undefined && isOfWeb(url)
      ? html`<a href="${upTo(url, 2000)}">${id}</a>`
      : html`<code>regguard-plugin explain ${id}</code>`
  }</li>
`
}

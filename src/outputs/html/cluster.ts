import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { clusterText, whoText } from '../terminal/cluster.ts'
import { type Content, type Html, html, upTo } from './markup.ts'
import { mark } from './status.ts'

type Cluster = NonNullable<Report['cluster']>

/** So many images and causes are listed. */
const maxPulls = 100

/** A cluster: how large it is, which images cannot be pulled where and why, and what was not read. */
export function clusterSection({ cluster }: Report): Html | undefined {
  if (!cluster) return undefined
  return html`<p>${clusterText(cluster).join(' · ')}.</p>
${pullsTable(cluster)}
${viewsTable(cluster)}
${notInspected(cluster)}`
}

function pullsTable({ pulls, morePulls }: Cluster): Content {
  if (pulls.length === 0) return undefined
  const more = Math.max(0, pulls.length - maxPulls) + morePulls
  const columns = ['Image', 'Who has to act', 'Where and why']
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Failed pulls"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${pulls
    .slice(0, maxPulls)
    .map(
      (pull) =>
        html`<tr><th scope="row">${mark(pull.isFailing ? 'fail' : 'warn')} <span class="mono">${pull.image}</span></th><td>${whoText(pull)}</td><td>${pull.text}<br><span class="quiet">${upTo(pull.message, 300)}</span></td></tr>
`,
    )}</tbody></table></div>${more > 0 ? html`<p class="quiet">and ${count(more, 'more failure')}</p>` : undefined}`
}

const kinds = { host: 'network of the nodes', pod: 'pods' } as const
const marks = { works: 'pass', sometimes: 'warn', fails: 'fail', unknown: 'unknown' } as const

/** Endpoints × nodes, by nodes to which they stand alike; and MTU, default route and resolvers by nodes that agree. */
function viewsTable({ views }: Cluster): Content {
  if (!views) return undefined
  const columns = ['Endpoint', 'Seen from', 'Nodes', 'How it fails']
  const named = (nodes: readonly string[], nodeCount: number) => firstOf(nodes, nodeCount)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What the nodes see"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${views.rows
    .slice(0, maxPulls)
    .flatMap(({ url, cells }) =>
      cells.map(
        ({ kind, state, nodes, nodeCount, text = '' }) =>
          html`<tr><th scope="row">${mark(marks[state])} <span class="mono">${upTo(url, 300)}</span></th><td>${kinds[kind]}</td><td>${named(nodes, nodeCount)}</td><td>${upTo(text, 300)}</td></tr>
`,
      ),
    )}</tbody></table></div>
<ul class="lines">${views.setUps.map(({ kind, text, nodes, nodeCount }) => html`<li>${kinds[kind]}: ${named(nodes, nodeCount)}: ${text}</li>\n`)}${views.missing
    .slice(0, maxPulls)
    .map(
      ({ node, kind, why }) => html`<li>${mark('unknown')} ${node}, ${kinds[kind]}: ${upTo(why, 300)}</li>\n`,
    )}</ul>`
}

function notInspected({ notInspected: all }: Cluster): Content {
  if (all.length === 0) return undefined
  return html`<ul class="lines">${all.map(
    ({ resource, namespace, why, rule }) =>
      html`<li>${mark('unknown')} ${resource}${namespace === undefined ? '' : ` in ${namespace}`} not inspected: ${why}${rule === undefined ? undefined : html`<br><span class="mono">${rule}</span>`}</li>
`,
  )}</ul>`
}

import type { Status } from '../../core/finding.ts'
import { count, durationText } from '../../core/units.ts'
import type { Report, ReportRunner } from '../../report/schema.ts'
import { type Content, type Html, html } from './markup.ts'
import { mark } from './status.ts'
import { timeline } from './timeline.ts'
import { wayFigure } from './way.ts'

/** The runner: what happened on it, where packets end, which ports answer, and which areas were inspected. */
export function runnerSection({ runner }: Report): Html | undefined {
  if (!runner) return undefined
  return html`<p>Inspected from: ${runner.from}.</p>
${timeline(runner)}
${(runner.ways ?? []).map(wayFigure)}
${writersText(runner)}
${portsTable(runner)}
<h3>Areas</h3>
${areasList(runner)}`
}

const states: Record<ReportRunner['areas'][number]['state'], Status> = {
  inspected: 'pass',
  'not inspected': 'unknown',
  'not applicable': 'off',
}

function areasList({ areas }: ReportRunner): Html {
  const inspected = areas.filter(({ state }) => state === 'inspected').map(({ name }) => name)
  const others = areas.filter(({ state }) => state !== 'inspected')
  return html`<ul class="lines">${
    inspected.length > 0
      ? html`<li>${mark('pass')} ${inspected.length} of ${areas.length} inspected: ${inspected.join(', ')}</li>`
      : undefined
  }${others.map(areaItem)}</ul>`
}

const areaItem = ({ name, state, why, yaml }: ReportRunner['areas'][number]): Html =>
  html`<li>${mark(states[state])} ${name}${why === undefined ? '' : `: ${why}`}${
    yaml === undefined
      ? undefined
      : html`<details class="inline"><summary>What to write to inspect it</summary><pre>${yaml.split('\n').map((line) => html`${line}\n`)}</pre></details>`
  }</li>
`

/** Who changed rules while the host was inspected: of a recording, in one of its samples, where the timeline has all of them. */
function writersText({ writers = [], rewrites, recording }: ReportRunner): Content {
  const when = recording ? 'In the sample that this report is about, rules' : 'Rules'
  const parts = [
    ...(rewrites && rewrites.states > 1
      ? [
          `The FORWARD chain was in ${rewrites.states} states within ${durationText(rewrites.overMs)}${rewrites.withoutUserJump > 0 ? `, ${rewrites.withoutUserJump} of ${rewrites.samples} times without the jump to DOCKER-USER` : ''}.`,
        ]
      : []),
    ...(writers.length > 0
      ? [
          `${when} were changed by ${writers.map(({ program, changes }) => `${program} (${count(changes, 'time')})`).join(', ')}.`,
        ]
      : []),
  ]
  return parts.length === 0 ? undefined : html`<p>${parts.join(' ')}</p>`
}

const results: Record<NonNullable<ReportRunner['ports']>[number]['dials'][number]['result'], Status> = {
  open: 'pass',
  refused: 'off',
  timeout: 'fail',
  unreachable: 'fail',
  failed: 'unknown',
}

function portsTable({ ports = [] }: ReportRunner): Content {
  // A port at which nothing should listen only tells something where it is not refused.
  const rows = ports
    .map((one) => ({
      ...one,
      dials: one.dials.filter(({ canary, result }) => !canary || result !== 'refused'),
    }))
    .filter(({ dials }) => dials.length > 0)
  if (rows.length === 0) return undefined
  return html`<h3>Ports of the host</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Ports of the host"><table><thead><tr><th scope="col">Address</th><th scope="col">Ping</th><th scope="col">TCP</th></tr></thead><tbody>${rows.map(portRow)}</tbody></table></div>`
}

const portRow = ({ address, name, ping, dials }: NonNullable<ReportRunner['ports']>[number]): Html =>
  html`<tr><th scope="row"><span class="mono">${address}</span> <span class="quiet">${name}</span></th><td>${ping}</td><td>${dials.map(
    ({ port, result, ms, canary }) =>
      html`<span class="dial">${mark(results[result])} ${port} ${result} ${durationText(ms)}${canary ? ' (nothing should listen here)' : ''}</span> `,
  )}</td></tr>
`

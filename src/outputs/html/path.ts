import type { Report } from '../../report/schema.ts'
import { legLines } from '../terminal/legs.ts'
import { mirrorLines } from '../terminal/mirrors.ts'
import { mtuLines } from '../terminal/mtu.ts'
import { nameLines } from '../terminal/names.ts'
import { hostLines } from '../terminal/path.ts'
import { linesList } from './lines.ts'
import { type Content, type Html, html } from './markup.ts'
import { waterfall } from './waterfall.ts'
import { waterfallRows } from './waterfall-rows.ts'

/** How requests got to the registry: a waterfall, then hosts, legs, names, path MTUs and mirrors in words. */
export function pathSection(report: Report): Html | undefined {
  const endsAt = Date.parse(report.startedAt) + report.durationMs
  const rows = waterfallRows(report)
  const parts = [
    part('Hosts', hostLines(report)),
    part('Names', nameLines(report)),
    part('Path MTU', mtuLines(report)),
    part('Mirrors', mirrorLines(report)),
  ].filter((one) => one !== undefined)
  if (rows.length === 0 && parts.length === 0) return undefined
  return html`${rows.length > 0 ? html`<figure>${waterfall(rows)}${inWords(legLines({ ...report, endsAt }))}</figure>` : undefined}${parts}`
}

const part = (title: string, lines: readonly string[]): Content =>
  lines.length === 0 ? undefined : html`<h3>${title}</h3>${linesList(lines)}`

const inWords = (lines: readonly string[]): Content =>
  lines.length === 0
    ? undefined
    : html`<details><summary>Every leg in words</summary>${linesList(lines)}</details>`

import { count } from '../../core/units.ts'
import type { ReportedFault, WatchedRegistryReport } from '../../report/watch.ts'
import { type Content, html } from './markup.ts'
import { type Drawing, fitting, path, picture, rect, text } from './svg.ts'

/** So many faults have a bar each, the oldest ones. */
const maxBars = 24
const rowHeight = 18

/** Since when each fault lasts, until the last run; absent where nothing is broken. */
export function faultTimeline({ faults, lastRun }: WatchedRegistryReport): Content {
  const oldestFirst = faults.toSorted((a, b) => Date.parse(a.brokenSince) - Date.parse(b.brokenSince))
  const [oldest] = oldestFirst
  if (!oldest || lastRun === undefined) return undefined
  const shown = oldestFirst.slice(0, maxBars)
  const more = faults.length - shown.length
  const to = Math.max(Date.parse(lastRun), ...faults.map(({ lastSeen }) => Date.parse(lastSeen)))
  const from = Math.min(Date.parse(oldest.brokenSince), to - 60_000)
  return html`<h3>Since when</h3><figure>${picture(
    `Since when ${count(faults.length, 'fault')} last, from ${oldest.brokenSince} to ${lastRun}`,
    (width) => draw(shown, { from, to }, width),
  )}${more > 0 ? html`<figcaption>and ${count(more, 'younger fault')}</figcaption>` : undefined}</figure>`
}

function draw(faults: readonly ReportedFault[], span: { from: number; to: number }, width: number): Drawing {
  const isWide = width > 500
  const left = isWide ? 330 : 0
  const height = isWide ? rowHeight : rowHeight * 2
  const x = (at: number) => left + ((at - span.from) / (span.to - span.from)) * (width - left)
  const rows = faults.flatMap((fault, at) => {
    const [y, bar] = [at * height, isWide ? 0 : rowHeight]
    const start = x(Date.parse(fault.brokenSince))
    const end = x(Date.parse(fault.lastSeen))
    return [
      text('detail', 0, y + 12, fitting(nameOf(fault), isWide ? left - 12 : width, 7)),
      rect(
        fault.accepted ? 'rewrite' : 'dead',
        { x: Math.min(start, width - 4), y: y + bar + 2, width: Math.max(4, end - start), height: 12, r: 2 },
        `${fault.id} since ${fault.brokenSince}`,
      ),
    ]
  })
  const bottom = faults.length * height + 4
  const axis = path('axis', [
    [left, bottom],
    [width, bottom],
  ])
  return {
    width,
    height: bottom + 22,
    content: [
      ...rows,
      axis,
      text('tick', left, bottom + 16, clock(span.from)),
      text('tick', width, bottom + 16, clock(span.to), 'end'),
    ],
  }
}

/** The image by its first tag, as people know it. */
const nameOf = ({ repository, tags: [tag], subject }: ReportedFault): string =>
  tag === undefined ? subject : `${repository}:${tag}`

const clock = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

import { count, durationText } from '../../core/units.ts'
import { clean } from '../terminal/clean.ts'
import { type Html, html } from './markup.ts'
import { type Drawing, fitting, path, picture, rect, text } from './svg.ts'
import { type Phase, phases, type Row, rowMs, rowText } from './waterfall-rows.ts'

const names: Record<Phase, string> = {
  dns: 'name lookup',
  connect: 'TCP',
  tls: 'TLS',
  headers: 'first answer',
  body: 'body',
}

/** Legs or requests as bars, phase by phase, on one scale of time. */
export function waterfall(rows: readonly Row[]): Html {
  const failing = rows.filter(({ status }) => status === 'fail' || status === 'warn').length
  const label = `${count(rows.length, 'request')} by phase; ${failing === 0 ? 'all were answered' : `${failing} failed`}`
  const present = phases.filter((phase) =>
    rows.some(({ segments }) => segments.some((one) => one.phase === phase)),
  )
  const lost = rows.some((row) => row.lost)
  return html`${picture(label, (width) => draw(rows, width))}
<ul class="legend">${present.map((phase) => html`<li><span class="swatch phase ${phase}"></span>${names[phase]}</li>`)}${
    lost ? html`<li><span class="swatch phase lost"></span>no answer</li>` : undefined
  }</ul>`
}

function draw(rows: readonly Row[], width: number): Drawing {
  const isWide = width > 500
  const [left, right] = isWide ? [290, width - 146] : [0, width]
  const rowHeight = isWide ? 38 : 62
  const end = Math.max(1, ...rows.map((row) => row.from + rowMs(row)))
  const scale = (right - left) / end
  const content: Html[] = [...grid(left, right, rows.length * rowHeight, end)]
  rows.forEach((row, at) => {
    content.push(...drawRow(row, { y: at * rowHeight + 4, left, right, scale, width, isWide }))
  })
  return { width, height: rows.length * rowHeight + 26, content }
}

/** Lines at the quarters, with the time at the ends and in the middle. */
function grid(left: number, right: number, height: number, end: number): Html[] {
  const at = (part: number) => left + (right - left) * part
  return [
    ...[0, 0.25, 0.5, 0.75, 1].map((part) =>
      path('grid', [
        [at(part), 0],
        [at(part), height + 4],
      ]),
    ),
    text('tick', at(0), height + 20, '0'),
    text('tick', at(0.5), height + 20, durationText(end / 2), 'middle'),
    text('tick', at(1), height + 20, durationText(end), 'end'),
  ]
}

interface Place {
  y: number
  left: number
  right: number
  scale: number
  width: number
  isWide: boolean
}

function drawRow(row: Row, { y, left, right, scale, width, isWide }: Place): Html[] {
  const barY = isWide ? y + 6 : y + 34
  const room = isWide ? left - 14 : width - 140
  let x = left + row.from * scale
  const bars = row.segments.map(({ phase, ms }) => {
    const wide = Math.max(1.5, ms * scale)
    const drawn = rect(
      `phase ${phase}`,
      { x, y: barY, width: Math.min(wide, right - x), height: 14 },
      `${names[phase]} ${durationText(ms)}`,
    )
    x = Math.min(right, x + wide)
    return drawn
  })
  const took = row.often === '' ? durationText(rowMs(row)) : row.often
  const [endX, endAnchor] = isWide ? [right + 12, 'start' as const] : [width, 'end' as const]
  return [
    text('name', 0, y + 12, fitting(clean(row.name, 120), room)),
    text('detail', 0, y + 27, fitting(clean(row.place, 120), isWide ? room : width, 7)),
    rect('track', { x: left, y: barY, width: right - left, height: 14 }, rowText(row)),
    ...bars,
    ...(row.lost
      ? [
          rect(
            'phase lost',
            {
              x: Math.min(x, right - 3),
              y: barY,
              width: Math.max(3, Math.min(row.lost.ms * scale, right - x)),
              height: 14,
            },
            `${row.lost.why} ${durationText(row.lost.ms)}`,
          ),
        ]
      : []),
    text(`detail ${row.status}`, endX, y + 12, fitting(row.end, isWide ? 134 : 132, 7), endAnchor),
    ...(isWide ? [text('detail', endX, y + 27, took)] : []),
    ...attemptMarks(row, left, barY + 17, right - left),
  ]
}

/** One mark for each attempt, in the order of time. */
function attemptMarks({ attempts }: Row, left: number, y: number, room: number): Html[] {
  const shown = attempts.slice(0, 60)
  const pitch = Math.min(8, room / Math.max(1, shown.length))
  return shown.map((worked, at) =>
    rect(worked ? 'attempt worked' : 'attempt failed', {
      x: left + at * pitch,
      y,
      width: Math.max(1, pitch - 2),
      height: worked ? 3 : 6,
    }),
  )
}

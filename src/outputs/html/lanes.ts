import { count } from '../../core/units.ts'
import type { ReportRunner } from '../../report/schema.ts'
import { clean } from '../terminal/clean.ts'
import { countsOf, type Life, packed, type Span } from './lives.ts'
import type { Html } from './markup.ts'
import { recordedDead, recordedRewrites } from './recorded-lanes.ts'
import { area, circle, fitting, rect, text } from './svg.ts'

/** What a lane is drawn with: where a moment is, and the left and right end of the axis. */
export interface Axis {
  span: Span
  x: (at: number) => number
  left: number
  right: number
}

/** One lane of a timeline; `draw` gets its upper edge. */
export interface Lane {
  name: string
  height: number
  draw: (y: number) => Html[]
}

/** Networks side by side have a bar each in so many rows; of more it is drawn how many there were. */
const maxRows = 14

/** When each network came and went, or how many there were at each moment. */
export function networksLane(lives: readonly Life[], axis: Axis): Lane[] {
  if (lives.length === 0) return []
  const name = count(lives.length, 'network')
  const rows = packed(lives, axis.span)
  if (rows.length > maxRows) return [{ name, height: 84, draw: (y) => crowd(lives, axis, y + 4, 72) }]
  const height = rows.length > 8 ? 9 : 14
  const draw = (y: number) =>
    rows.flatMap((row, at) => row.map((life) => lifeBar(life, axis, y + at * (height + 3), height)))
  return [{ name, height: rows.length * (height + 3) + 6, draw }]
}

function lifeBar({ name, owner, from, to }: Life, { span, x }: Axis, y: number, height: number): Html {
  const start = x(from ?? span.from)
  const width = Math.max(3, x(to ?? span.to) - start)
  return rect(
    to === undefined ? 'life alive' : 'life',
    { x: start, y, width, height, r: 2 },
    `${name} (${owner})`,
  )
}

function crowd(lives: readonly Life[], { span, x, left, right }: Axis, y: number, height: number): Html[] {
  const counts = countsOf(lives, span)
  const top = Math.max(...counts.map((one) => one.count))
  const yOf = (n: number) => y + height - (n / top) * height
  const points = counts.flatMap((one, at): [number, number][] => [
    [x(one.at), yOf(counts[at - 1]?.count ?? 0)],
    [x(one.at), yOf(one.count)],
  ])
  const last = counts.at(-1)?.count ?? 0
  const base = y + height
  const outline: [number, number][] = [
    ...points,
    [right, yOf(last)],
    [right, base],
    [x(counts[0]?.at ?? span.from), base],
  ]
  return [area('life', outline), text('detail', left, y + 8, `${top} at once`)]
}

/** Lines of the kernel log that report a problem. */
export const kernelLane = ({ kernel = [] }: ReportRunner, { x }: Axis): Lane[] =>
  kernel.length === 0
    ? []
    : [
        {
          name: 'kernel log',
          height: 24,
          draw: (y) =>
            kernel.map(({ at, kind, text: line }) =>
              circle('event', x(Date.parse(at)), y + 8, 4, `${at} ${kind}: ${line}`),
            ),
        },
      ]

/** The time in which the rules were read again and again, where they changed meanwhile. */
export function rewritesLane({ rewrites, writers = [], recording }: ReportRunner, { span, x }: Axis): Lane[] {
  if (recording) return recordedRewrites(recording, x)
  if (!rewrites || rewrites.states < 2) return []
  const from = Math.min(x(Math.max(span.from, span.to - rewrites.overMs)), x(span.to) - 6)
  const by = writers.map(({ program, changes }) => `${program} ${changes}`).join(', ')
  const draw = (y: number) => [
    rect('rewrite', { x: from, y: y + 1, width: x(span.to) - from, height: 13, r: 2 }, by),
  ]
  return [{ name: 'rules rewritten', height: 24, draw }]
}

/** Ports that time out: a refusal comes from a host that is alive. They were dialled at the end. */
export const deadPorts = ({ ports = [] }: ReportRunner): string[] =>
  ports.flatMap(({ address, dials }) =>
    dials
      .filter(({ result, canary }) => result === 'timeout' && !canary)
      .map(({ port }) => `${address} port ${port}`),
  )

export function deadLane(runner: ReportRunner, { span, x, left }: Axis): Lane[] {
  if (runner.recording) return recordedDead(runner.recording, x)
  const dead = deadPorts(runner)
  if (dead.length === 0) return []
  const end = x(span.to)
  const draw = (y: number) => [
    rect('dead', { x: end - 6, y: y + 1, width: 6, height: 13, r: 2 }),
    text('detail fail', end - 12, y + 12, fitting(clean(dead.join(', '), 300), end - left - 20, 7), 'end'),
  ]
  return [{ name: 'ports time out', height: 24, draw }]
}

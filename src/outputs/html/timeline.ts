import { count, durationText } from '../../core/units.ts'
import type { ReportRunner } from '../../report/schema.ts'
import { type Axis, deadLane, deadPorts, kernelLane, networksLane, rewritesLane } from './lanes.ts'
import { livesOf, type Span } from './lives.ts'
import { type Html, html } from './markup.ts'
import { type Drawing, fitting, path, picture, text } from './svg.ts'

/** What happened on the runner on one axis of time; absent where nothing did. */
export function timeline(runner: ReportRunner): Html | undefined {
  const { changes = [], kernel = [], inspectedAt, recording } = runner
  const periods = (recording?.dead.length ?? 0) + (recording?.rewrites.length ?? 0)
  if (inspectedAt === undefined || changes.length + kernel.length + periods === 0) return undefined
  const label = [
    `Timeline of the runner: ${count(changes.length, 'network change')}`,
    ...(kernel.length > 0 ? [`${count(kernel.length, 'problem')} in the kernel log`] : []),
    ...deadText(runner),
  ].join(', ')
  const span = spanOf(runner)
  const more = runner.moreChanges ?? 0
  return html`<figure>${picture(label, (width) => draw(runner, span, width))}
<figcaption>${recording ? `${count(recording.samples, 'sample')}, ` : ''}${count(changes.length, 'network change')} in ${durationText(span.to - span.from)}, until ${clock(span.to)} UTC on ${new Date(span.to).toISOString().slice(0, 10)}.${
    more > 0 ? ` ${count(more, 'earlier change')} not shown.` : ''
  }${recording?.morePeriods ? ` ${count(recording.morePeriods, 'earlier period')} not shown.` : ''}</figcaption></figure>`
}

function deadText(runner: ReportRunner): string[] {
  const { recording } = runner
  const dead = new Set(recording?.dead.map(({ address, port }) => `${address} ${port}`) ?? deadPorts(runner))
    .size
  if (dead === 0) return []
  return [`${recording ? 'at times' : 'at the end'} ${count(dead, 'port')} of the host did not answer`]
}

/** From the first event, with some room before it, to the end of the inspection. A recording shows its own time. */
function spanOf({ changes = [], kernel = [], inspectedAt = '', recording }: ReportRunner): Span {
  const moments = recording
    ? [recording.from, recording.to].map((at) => Date.parse(at))
    : [...changes, ...kernel].map(({ at }) => Date.parse(at))
  const to = recording ? Math.max(...moments) : Math.max(Date.parse(inspectedAt), ...moments)
  const first = Math.min(...moments)
  return { from: first - Math.max(1000, (to - first) * 0.04), to }
}

function draw(runner: ReportRunner, span: Span, width: number): Drawing {
  const isWide = width > 500
  const left = isWide ? 150 : 0
  const right = width - 8
  const x = (at: number) =>
    left + Math.min(1, Math.max(0, (at - span.from) / (span.to - span.from))) * (right - left)
  const axis: Axis = { span, x, left, right }
  const lanes = [
    ...networksLane(
      livesOf(runner.changes ?? []).filter(({ to }) => to === undefined || to > span.from),
      axis,
    ),
    ...kernelLane(runner, axis),
    ...rewritesLane(runner, axis),
    ...deadLane(runner, axis),
  ]
  const content: Html[] = []
  let y = 4
  for (const lane of lanes) {
    content.push(text('detail', 0, y + 12, fitting(lane.name, isWide ? left - 10 : width, 7)))
    if (!isWide) y += 18
    content.push(...lane.draw(y))
    y += lane.height
  }
  content.push(
    path('axis', [
      [left, y],
      [right, y],
    ]),
    text('tick', left, y + 16, clock(span.from)),
    text('tick', right, y + 16, clock(span.to), 'end'),
  )
  return { width, height: y + 22, content }
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19)

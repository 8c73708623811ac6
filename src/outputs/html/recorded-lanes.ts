import { count } from '../../core/units.ts'
import type { ReportRunner } from '../../report/schema.ts'
import type { Axis, Lane } from './lanes.ts'
import type { Html } from './markup.ts'
import { rect } from './svg.ts'

type Recording = NonNullable<ReportRunner['recording']>

/** Every time that the rules changed between two readings of a sample. */
export const recordedRewrites = ({ rewrites }: Recording, x: Axis['x']): Lane[] =>
  rewrites.length === 0
    ? []
    : [
        {
          name: 'rules rewritten',
          height: 24,
          draw: (y) =>
            rewrites.map(({ from, to, states, writers }) =>
              periodBar(
                'rewrite',
                x,
                { from, to },
                y,
                `${from}: ${states} states${writers.length > 0 ? `, changed by ${writers.join(', ')}` : ''}`,
              ),
            ),
        },
      ]

/** A period, in at least so many pixels that it can be seen. */
function periodBar(
  kind: string,
  x: Axis['x'],
  { from, to }: { from: string; to: string },
  y: number,
  title: string,
): Html {
  const [left, right] = [x(Date.parse(from)), x(Date.parse(to))]
  const width = Math.max(4, right - left)
  return rect(kind, { x: Math.min(left, right + 4 - width), y: y + 1, width, height: 13, r: 2 }, title)
}

/** So many ports have a lane each. */
const maxPortLanes = 8

/** Each port that timed out in a sample, in all periods that it did. */
export function recordedDead({ dead }: Recording, x: Axis['x']): Lane[] {
  const byPort = [...Map.groupBy(dead, ({ address, port }) => `${address}:${port}`)]
  const lanes = byPort.slice(0, maxPortLanes).map(([name, periods]) => ({ name, periods }))
  const rest = byPort.slice(maxPortLanes).flatMap(([, periods]) => periods)
  if (rest.length > 0) lanes.push({ name: `${byPort.length - maxPortLanes} more ports`, periods: rest })
  return lanes.map(({ name, periods }) => ({
    name,
    height: 20,
    draw: (y) =>
      periods.map(({ from, to, samples }) =>
        periodBar(
          'dead',
          x,
          { from, to },
          y,
          `timed out in ${count(samples, 'sample')} from ${from} to ${to}`,
        ),
      ),
  }))
}

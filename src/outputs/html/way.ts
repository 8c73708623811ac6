import type { ReportRunner } from '../../report/schema.ts'
import { clean } from '../terminal/clean.ts'
import { type Html, html, upTo } from './markup.ts'
import { mark } from './status.ts'
import { type Drawing, fitting, path, picture, rect, text } from './svg.ts'

type Way = NonNullable<ReportRunner['ways']>[number]

/** A packet's way through the host, with the rule, route or setting that ends it. */
export function wayFigure(way: Way): Html {
  const { stops, lost } = stationsOf(way)
  const what = way.direction === 'there' ? 'packet' : 'answer'
  const label = `The way of a ${what} from ${way.from} to ${way.to}: ${way.certain ? 'it ends' : 'it may end'} at ${stops[lost]?.name ?? way.stage}`
  return html`<figure class="way">
<figcaption>${mark(way.certain ? 'fail' : 'unknown')} ${way.about === 'egress' ? 'Egress' : 'Published port'}: ${way.from} &rarr; ${way.to}${
    way.direction === 'back' ? ', the answer on its way back' : ''
  }. ${sentence(way.effect)}</figcaption>
${picture(label, (width) => draw(stops, lost, width))}
${way.evidence.length > 0 ? html`<pre>${way.evidence.map((line) => html`${upTo(line, 1000)}\n`)}</pre>` : undefined}
</figure>`
}

const sentence = (words: string): string => {
  const text = clean(words)
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

interface Station {
  name: string
  /** Where the packet is: a hook, the lookup of a route, an interface, or its ends. */
  kind: 'end' | 'interface' | 'stage'
  stage: Way['stage'] | 'none'
}

const end = (name: string): Station => ({ name, kind: 'end', stage: 'none' })
const link = (name: string): Station => ({ name, kind: 'interface', stage: 'link' })
const hook = (stage: Way['stage']): Station => ({ name: stage, kind: 'stage', stage })

/** The stations of a way in their order, and which of them the packet does not pass. */
export function stationsOf(way: Way): { stops: Station[]; lost: number } {
  const all = onTheWay(way)
  const ordered = way.direction === 'back' ? back(all) : all
  // A hook that is called only where rules ask for it.
  const at = ordered.findIndex(({ stage }) => stage === way.stage)
  if (at >= 0) return { stops: ordered, lost: way.stage === 'link' ? linkOf(ordered, way) : at }
  if (way.stage === 'container') return { stops: ordered, lost: ordered.length - 1 }
  const isEarly = way.stage === 'ingress' || way.stage === 'output'
  const position = isEarly ? 1 : Math.max(1, ordered.length - 1)
  return { stops: ordered.toSpliced(position, 0, hook(way.stage)), lost: position }
}

/** An answer meets the hooks in the same order, and the interfaces in the other. */
const back = (stations: Station[]): Station[] => {
  const hooks = stations.filter(({ kind }) => kind === 'stage')
  return stations
    .toReversed()
    .map((station) => (station.kind === 'stage' ? (hooks.shift() ?? station) : station))
}

/** The interface that the effect names, else the first. */
function linkOf(stations: Station[], { effect }: Way): number {
  const named = stations.findIndex(({ kind, name }) => kind === 'interface' && effect.includes(name))
  return named >= 0 ? named : stations.findIndex(({ kind }) => kind === 'interface')
}

function onTheWay({ about, from, to, through, stage }: Way): Station[] {
  const [bridge = 'bridge', uplink = 'uplink'] = through
  const forwarding = (['prerouting', 'routing', 'forward', 'postrouting'] as const).map(hook)
  if (about === 'egress') return [end(from), link(bridge), ...forwarding, link(uplink), end('other hosts')]
  const target = end('container')
  // A bridge carries it by itself.
  if (stage === 'container') return [end(from), link(bridge), target]
  if (stage === 'input') return [end(from), hook('prerouting'), hook('routing'), hook('input'), target]
  if (from === 'this host')
    return [end(from), hook('output'), hook('routing'), hook('postrouting'), link(bridge), target]
  return [end(from === '' ? to : from), ...forwarding, link(bridge), target]
}

function draw(stops: Station[], lost: number, width: number): Drawing {
  return width > 500 ? across(stops, lost, width) : down(stops, lost, width)
}

const kindOf = (at: number, lost: number): string => (at < lost ? 'passed' : at === lost ? 'lost' : 'never')

function across(stops: Station[], lost: number, width: number): Drawing {
  const gap = 16
  const boxWidth = (width - gap * (stops.length - 1)) / stops.length
  const content = stops.flatMap((stop, at) => {
    const x = at * (boxWidth + gap)
    const kind = kindOf(at, lost)
    return [
      ...(at > 0 ? [arrow(at <= lost ? 'passed' : 'never', [x - gap + 2, 21], [x - 2, 21])] : []),
      rect(
        `station ${stop.kind} ${kind}`,
        { x: x + 1, y: 5, width: boxWidth - 2, height: 32, r: 5 },
        stop.name,
      ),
      text(`inside ${kind}`, x + boxWidth / 2, 25, fitting(clean(stop.name, 60), boxWidth - 8, 7), 'middle'),
      ...(kind === 'lost' ? [text('verdict fail', x + boxWidth / 2, 54, '✗ ends here', 'middle')] : []),
    ]
  })
  return { width, height: 62, content }
}

function down(stops: Station[], lost: number, width: number): Drawing {
  const pitch = 42
  const content = stops.flatMap((stop, at) => {
    const y = at * pitch
    const kind = kindOf(at, lost)
    return [
      ...(at > 0 ? [arrow(at <= lost ? 'passed' : 'never', [20, y - 11], [20, y])] : []),
      rect(`station ${stop.kind} ${kind}`, { x: 1, y: y + 1, width: 210, height: 28, r: 5 }, stop.name),
      text(`inside ${kind}`, 12, y + 20, fitting(clean(stop.name, 60), 190, 7.4)),
      ...(kind === 'lost' ? [text('verdict fail', 222, y + 20, '✗ ends here')] : []),
    ]
  })
  return { width, height: stops.length * pitch - 8, content }
}

/** A line with a head at its end. */
function arrow(kind: string, from: [number, number], to: [number, number]): Html {
  const [x, y] = to
  const isDown = from[0] === x
  const head: [number, number][] = isDown
    ? [
        [x - 3.5, y - 4],
        [x, y],
        [x + 3.5, y - 4],
      ]
    : [
        [x - 4, y - 3.5],
        [x, y],
        [x - 4, y + 3.5],
      ]
  return html`${path(`arrow ${kind}`, [from, to])}${path(`arrow ${kind}`, head)}`
}

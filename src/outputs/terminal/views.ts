import { firstOf } from '../../core/names.ts'
import { count, durationText } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark, paint } from './paint.ts'

type Views = NonNullable<NonNullable<Report['cluster']>['views']>
type Cell = Views['rows'][number]['cells'][number]

const indent = '          '
/** So many endpoints, and views that are missing, are listed; all are in the JSON report. */
const [maxRows, maxMissing] = [24, 8]

const kindNames = { host: 'network of the nodes', pod: 'pods' } as const
const marks = { works: 'pass', sometimes: 'warn', fails: 'fail', unknown: 'unknown' } as const
const words = { works: '', sometimes: '', fails: '', unknown: ': no outcome' } as const
const rank = { works: 0, unknown: 1, sometimes: 2, fails: 3 } as const

/** What the nodes see: endpoint × node, and MTU, default route and resolvers once for the nodes that agree. */
export function viewLines({ cluster, startedAt, durationMs }: Report): string[] {
  const { views } = cluster ?? {}
  if (!views) return []
  const endedAt = Date.parse(startedAt) + durationMs
  const { rows, setUps, missing, oldest } = views
  const more = rows.length - maxRows
  const age =
    oldest === undefined
      ? 'nothing seen'
      : `seen within the last ${durationText(Math.max(1000, endedAt - Date.parse(oldest)))}`
  const size = `${nodesOf(views, 'host')} on their own network, ${nodesOf(views, 'pod')} from pods`
  return [
    `${indent}${paint.bold('views')} of ${size} · ${views.why === undefined ? age : `not inspected: ${clean(views.why, 200)}`}`,
    ...rows.slice(0, maxRows).flatMap(rowLines),
    ...(more > 0 ? [`${indent}  and ${count(more, 'more endpoint')} in the JSON report`] : []),
    ...setUps.map(
      ({ kind, text, nodes, nodeCount }) =>
        `${indent}  ${kind === 'host' ? 'nodes' : 'pods of'} ${named(nodes, nodeCount)}: ${clean(text, 200)}`,
    ),
    ...missingLines(missing),
  ]
}

/** Views that are missing for one reason are one line. */
function missingLines(missing: Views['missing']): string[] {
  const groups = [...Map.groupBy(missing, ({ kind, why }) => `${kind} ${why}`).values()]
  const more = groups.slice(maxMissing).reduce((sum, same) => sum + same.length, 0)
  return [
    ...groups.slice(0, maxMissing).map((same) => {
      const [first] = same
      const names = named(
        same.map(({ node }) => node),
        same.length,
      )
      return `${indent}  ${mark('unknown')} ${first?.kind === 'pod' ? 'pods of' : 'nodes'} ${names}: ${clean(first?.why ?? '', 200)}`
    }),
    ...(more > 0 ? [`${indent}  and ${count(more, 'more view')} missing`] : []),
  ]
}

const nodesOf = ({ setUps, rows }: Views, kind: Cell['kind']): string => {
  const own = setUps.filter((one) => one.kind === kind).reduce((sum, { nodeCount }) => sum + nodeCount, 0)
  const [row] = rows
  const ofRow = (row?.cells ?? [])
    .filter((one) => one.kind === kind)
    .reduce((sum, { nodeCount }) => sum + nodeCount, 0)
  return count(Math.max(own, ofRow), 'node')
}

/** One line for an endpoint that answers all; else one more for each group of nodes. */
function rowLines({ step, url, cells }: Views['rows'][number]): string[] {
  const worst = cells.toSorted((a, b) => rank[b.state] - rank[a.state])[0]?.state ?? 'unknown'
  const head = `${indent}  ${mark(marks[worst])} ${step.padEnd(9)} ${clean(url)}`
  if (worst === 'works') return [head]
  return [head, ...cells.map(cellLine)]
}

const cellLine = ({ kind, state, nodes, nodeCount, text }: Cell): string =>
  `${indent}      ${kindNames[kind].padEnd(20)}  ${mark(marks[state])} ${named(nodes, nodeCount)}${text === undefined ? words[state] : `: ${clean(text, 200)}`}`

const named = (nodes: readonly string[], nodeCount: number): string =>
  firstOf(
    nodes.map((one) => clean(one, 60)),
    nodeCount,
  )

import type { NodeView, ViewKind } from '../../cluster/views.ts'
import type { MachineFact } from '../../path/machine.ts'

/** Nodes whose views of one kind have the same way out. */
export interface SetUp {
  kind: ViewKind
  machine: MachineFact
  nodes: string[]
}

/** The ways out of nodes, those that most have first. The gateway of a pod is its own node, so that it tells nothing. */
export function setUps(views: readonly NodeView[], kind: ViewKind): SetUp[] {
  const read = views.flatMap(({ kind: own, node, report }) =>
    own === kind && report?.machine ? [{ node, machine: comparable(report.machine, kind) }] : [],
  )
  return [...Map.groupBy(read, ({ machine }) => JSON.stringify(machine)).values()]
    .flatMap((same) => {
      const [first] = same
      return first ? [{ kind, machine: first.machine, nodes: same.map(({ node }) => node) }] : []
    })
    .toSorted((a, b) => b.nodes.length - a.nodes.length)
}

function comparable({ device, mtu, gateway, resolvers }: MachineFact, kind: ViewKind): MachineFact {
  return {
    ...(device === undefined ? {} : { device }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(gateway === undefined || kind === 'pod' ? {} : { gateway }),
    resolvers,
  }
}

/** One thing in which a few nodes differ from most. */
export interface SetUpDifference {
  kind: ViewKind
  what: 'MTU' | 'resolvers' | 'default route'
  /** What most nodes have. */
  usual: string
  usualNodes: string[]
  /** What these have. */
  odd: string
  nodes: string[]
}

const properties = {
  MTU: ({ mtu }) => (mtu === undefined ? 'none' : String(mtu)),
  resolvers: ({ resolvers }) => (resolvers.length > 0 ? resolvers.join(', ') : 'none'),
  'default route': ({ device, gateway }) => (device === undefined ? 'none' : (gateway ?? device)),
} satisfies Record<SetUpDifference['what'], (machine: MachineFact) => string>

/** Where more than half of the nodes agree, the others are named. Where no half does, nodes are simply different, and nothing is odd. */
export function setUpDifferences(views: readonly NodeView[], kind: ViewKind): SetUpDifference[] {
  const groups = setUps(views, kind)
  const total = groups.reduce((sum, { nodes }) => sum + nodes.length, 0)
  return (Object.keys(properties) as SetUpDifference['what'][]).flatMap((what) => {
    if (what === 'default route' && kind === 'pod') return []
    const values = [...Map.groupBy(groups, ({ machine }) => properties[what](machine))].map(
      ([value, same]) => ({ value, nodes: same.flatMap(({ nodes }) => nodes) }),
    )
    const usual = values.find(({ nodes }) => nodes.length * 2 > total)
    if (!usual) return []
    return values
      .filter((one) => one !== usual)
      .map(({ value, nodes }) => ({
        ...{ kind, what, odd: value, nodes },
        ...{ usual: usual.value, usualNodes: usual.nodes },
      }))
  })
}

/** Whether all of these nodes have what more than half of at least three nodes have, in everything that is known. */
export function areUsual(views: readonly NodeView[], kind: ViewKind, nodes: readonly string[]): boolean {
  const groups = setUps(views, kind)
  const total = groups.reduce((sum, { nodes: own }) => sum + own.length, 0)
  const [usual] = groups
  return (
    total > 2 &&
    usual !== undefined &&
    usual.nodes.length * 2 > total &&
    nodes.every((node) => usual.nodes.includes(node))
  )
}

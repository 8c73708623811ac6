import type { Fault } from '../core/finding.ts'
import { count } from '../core/units.ts'
import { nodesIn } from '../facts/queries/cluster/node-rows.ts'
import { areUsual, type SetUpDifference, setUpDifferences } from '../facts/queries/cluster/node-set-ups.ts'
import { failureLines, failureText, ofNodes, workingText } from '../facts/queries/cluster/node-text.ts'
import { type NodeFault, type NodeVerdict, nodeVerdicts } from '../facts/queries/cluster/node-verdicts.ts'
import { freshViews } from '../facts/queries/cluster/unprobed.ts'
import { withoutPulls } from '../facts/queries/cluster/view-evidence.ts'
import { isInternal } from '../facts/queries/path/disagreements.ts'
import { areUnrelated } from '../facts/queries/path/shared-failures.ts'
import type { FactsView } from '../facts/view.ts'

type Cluster = FactsView<'cluster.views'>['cluster']

/** A verdict as a fault, with the verdicts of the same nodes that fail in the same way. */
export interface NodeFaultOf {
  verdict: NodeVerdict
  /** Legs to hosts that have nothing to do with each other fail alike: what they share is the way. */
  isEgress: boolean
  /** In which ways the failing nodes differ from most. */
  differences: SetUpDifference[]
  /** In nothing that is known does any of them differ from most. */
  isUsual: boolean
  fault: Fault
}

/** The verdicts of one kind as faults: one for each leg, those of the same nodes and the same phase with one cause. */
export function nodeFaults(cluster: Cluster, wanted: NodeFault): NodeFaultOf[] {
  const views = freshViews(cluster)
  const verdicts = nodeVerdicts(cluster)
    .filter(({ fault }) => fault === wanted)
    .flatMap((verdict) => withoutPulls(verdict, cluster.pulls) ?? [])
  return [...Map.groupBy(verdicts, causeOf)].flatMap(([cause, same]) => {
    const isEgress = areUnrelated(same.map(({ row }) => row.host.replace(/:\d+$/, '')))
    return same.map((verdict) => {
      const nodes = nodesIn(verdict.failing)
      const kinds = new Set(verdict.failing.map(({ view }) => view.kind))
      const differences = [...kinds]
        .flatMap((kind) => setUpDifferences(views, kind))
        .filter((one) => nodes.every((node) => one.nodes.includes(node)))
      const isUsual = [...kinds].every((kind) =>
        areUsual(views, kind, nodesIn(verdict.failing.filter(({ view }) => view.kind === kind))),
      )
      return { verdict, isEgress, differences, isUsual, fault: faultOf(verdict, cause) }
    })
  })
}

/** Nodes that fail in one phase and kind: whatever the host, it is one thing to look at. */
const causeOf = ({ failing }: NodeVerdict): string =>
  JSON.stringify([nodesIn(failing).toSorted(), failing[0]?.failure?.phase, failing[0]?.failure?.kind])

function faultOf({ row, failing, working, of }: NodeVerdict, cause: string): Fault {
  const [first] = failing
  const lines = failureLines(failing)
  return {
    subject: row.url,
    severity: failing.some(({ state }) => state === 'fails') ? 'error' : 'warning',
    message: `fails from ${ofNodes(nodesIn(failing), of)}: ${first ? failureText(first) : ''}`,
    evidence: [
      // One line says nothing more than the message.
      ...(lines.length > 1 ? lines.slice(0, 8) : []),
      ...(working.length > 0 ? [workingText(working)] : []),
    ],
    cause,
  }
}

/** `MTU 1400, while 6 nodes have 1500`. */
export const differenceText = ({ what, odd, usual, usualNodes }: SetUpDifference): string =>
  `${what} ${odd}, while ${count(usualNodes.length, 'node')} have ${usual}`

/** The pin for a name whose public address fails, and whose internal one answers the other views; undefined for anything else. */
export function pinFor({
  row,
  failing,
  working,
}: NodeVerdict): Pick<Fault, 'advice' | 'commands'> | undefined {
  const dialled = failing.flatMap(({ failure }) => failure?.address ?? [])
  const [internal] = working.flatMap(({ answered }) => answered).filter(isInternal)
  if (internal === undefined || dialled.length === 0 || dialled.some(isInternal)) return undefined
  const name = row.host.replace(/:\d+$/, '')
  return {
    advice: `Pin ${name} to its internal address in /etc/hosts of these nodes, as the others reach it; when the address changes, these lines have to change with it:`,
    commands: [`echo '${internal} ${name}' | sudo tee -a /etc/hosts`],
  }
}

import type { PullRow } from '../../cluster/pulls.ts'
import type { ClusterFact } from '../../cluster.ts'
import { isFailing, isWorking, type NodeOutcome, nodeRows, nodesIn } from './node-rows.ts'
import { failureText, workingText } from './node-text.ts'
import type { NodeVerdict } from './node-verdicts.ts'
import { classOf } from './pull-text.ts'
import { freshViews } from './unprobed.ts'

type Seen = Pick<ClusterFact, 'views' | 'at'>

/** The names of hosts, without ports. */
const nameOf = (host: string): string => host.replace(/:\d+$/, '')

/** What the probes on the nodes see of the host of a failed pull: there, and elsewhere. */
export function viewEvidence(pull: PullRow, cluster: Seen): string[] {
  const seen = nodeRows(freshViews(cluster))
    .filter(({ host }) => nameOf(host) === nameOf(pull.error.host))
    .flatMap(({ outcomes }) => outcomes)
  const own = seen.filter(({ view }) => pull.nodes.some(({ name }) => name === view.node))
  const others = seen.filter((one) => !own.includes(one) && one.view.kind === 'host')
  const working = others.filter(isWorking)
  return [
    ...own.slice(0, 6).flatMap(lineOf),
    ...(working.length > 0 ? [`probes elsewhere: ${workingText(working)}`] : []),
    ...(others.some(isFailing)
      ? [`probes elsewhere fail as well: ${nodesIn(others.filter(isFailing)).slice(0, 4).join(', ')}`]
      : []),
  ]
}

function lineOf(one: NodeOutcome): string[] {
  const place = `probe on ${one.view.node}, ${one.view.kind === 'host' ? 'its own network' : 'in a pod'}`
  if (isFailing(one)) return [`${place}: ${failureText(one)}`]
  return isWorking(one) ? [`${place}: gets through now, at ${one.answered.slice(0, 3).join(', ')}`] : []
}

/** The part of a verdict that no failed pull tells already. The pull has what the probes see as its evidence. */
export function withoutPulls(verdict: NodeVerdict, pulls: readonly PullRow[]): NodeVerdict | undefined {
  const told = pulls.filter(
    (pull) =>
      pull.isFailing && classOf(pull) === 'path' && nameOf(pull.error.host) === nameOf(verdict.row.host),
  )
  const failing = verdict.failing.filter(
    ({ view }) => !told.some(({ nodes }) => nodes.some((one) => one.isFailing && one.name === view.node)),
  )
  return failing.length > 0 ? { ...verdict, failing } : undefined
}

import { count, durationText } from '../../core/units.ts'
import type { PullClass } from '../../facts/cluster/pull-kinds.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import type { Block } from './images.ts'
import { mark, paint } from './paint.ts'
import { viewLines } from './views.ts'

type Cluster = NonNullable<Report['cluster']>
type Pull = Cluster['pulls'][number]

const indent = '          '
/** So many images and causes are listed; all of them are in the JSON report. */
const maxPulls = 20

const who: Record<PullClass, string> = {
  path: 'node path',
  registry: 'registry refuses',
  image: 'image broken',
  node: 'node fault',
  unknown: 'unknown reason',
}

/** Who has to act about a failed pull, in few words, with the findings of a verification from here. */
export function whoText({ who: one, verified }: Pull): string {
  const ids = verified && verified.ids.length > 0 ? `: ${verified.ids.slice(0, 3).join(', ')}` : ''
  switch (verified?.state) {
    case 'broken':
      return `image broken for all${ids}`
    case 'refused':
      return `registry refuses${ids}`
    case 'unreachable':
      return `not reached from here either${ids}`
    case 'whole':
      return one === 'registry' || one === 'node'
        ? `${who[one]}, whole from here`
        : 'node path, whole from here'
    default:
      return who[one]
  }
}

/** What the cluster is, and one line for each image that cannot be pulled for one cause. */
export function clusterBlocks(report: Report): Block[] {
  const { cluster, groups } = report
  const verdict = groups.find(({ group }) => group === 'cluster')
  if (!cluster || !verdict) return []
  const more = cluster.pulls.length - maxPulls + cluster.morePulls
  return [
    {
      title: `${mark(verdict.status)} ${paint.bold('cluster')} ${clusterText(cluster)
        .map((part) => clean(part))
        .join(' · ')}`,
      lines: [
        ...cluster.pulls.slice(0, maxPulls).map(pullLine),
        ...(cluster.pulls.length > maxPulls || cluster.morePulls > 0
          ? [
              `${indent}and ${count(Math.max(more, cluster.morePulls), 'more failure')} in the JSON report (report_json)`,
            ]
          : []),
        ...viewLines(report),
        ...cluster.notInspected.map(
          ({ resource, namespace, why }) =>
            `${indent}${mark('unknown')} ${resource}${namespace === undefined ? '' : ` in ${clean(namespace)}`} not inspected: ${clean(why, 200)}`,
        ),
      ],
    },
  ]
}

const pullLine = (pull: Pull): string =>
  `${indent}${mark(pull.isFailing ? 'fail' : 'warn')} ${clean(pull.image)} · ${clean(pull.text)} · ${whoText(pull)}`

/** The cluster in parts: where, how large, how its pulls stand. */
export function clusterText({
  server,
  from,
  context,
  state,
  why,
  counts,
  pulls,
  stuck,
  pulling,
  waitedMs,
}: Cluster): string[] {
  const place = `${server || from}${context === undefined ? '' : ` (context ${context})`}`
  if (state === 'not inspected') return [place, `not inspected: ${why ?? ''}`]
  const failing = new Set(pulls.filter(({ isFailing }) => isFailing).map(({ image }) => image)).size
  const recovered = new Set(pulls.filter(({ isFailing }) => !isFailing).map(({ image }) => image)).size
  return [
    place,
    `${count(counts.nodes, 'node')}, ${count(counts.pods, 'pod')} in ${count(counts.namespaces, 'namespace')}`,
    failing > 0 ? `${count(failing, 'image')} cannot be pulled` : 'no pod waits for an image that fails',
    ...(recovered > 0 ? [`${count(recovered, 'image')} failed within the last hour`] : []),
    ...(stuck.length > 0 ? [`${count(stuck.length, 'pull')} stuck`] : []),
    ...(pulling > 0 ? [`${count(pulling, 'pull')} in progress`] : []),
    ...(waitedMs === undefined ? [] : [`waited ${durationText(waitedMs)}`]),
  ]
}

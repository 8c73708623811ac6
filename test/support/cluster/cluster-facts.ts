import type { Check } from '../../../src/checks/define.ts'
import type { Fault } from '../../../src/core/finding.ts'
import type { ClusterFact } from '../../../src/facts/cluster.ts'
import {
  imageOfEvent,
  isPullFailure,
  isRealPull,
  readEvent,
} from '../../../src/facts/queries/cluster/events.ts'
import { readNode } from '../../../src/facts/queries/cluster/nodes.ts'
import { addPod, emptyPodScan } from '../../../src/facts/queries/cluster/pods.ts'
import { addFailure, addWaiting, closeRows, openRows } from '../../../src/facts/queries/cluster/pull-rows.ts'
import { addPullTime, type PullTimes, stuckPulls } from '../../../src/facts/queries/cluster/stuck.ts'
import { healthyFacts, settingsWith } from '../facts.ts'
import { nodeOf, now } from './objects.ts'

/** What a cluster holds, as its API gives it. */
export interface ClusterObjects {
  nodes?: object[]
  pods?: object[]
  events?: object[]
}

/** The facts of a cluster with these objects, of seven nodes if none are given. */
export function clusterOf({ nodes = sevenNodes(), pods = [], events = [] }: ClusterObjects): ClusterFact {
  const scan = emptyPodScan()
  for (const pod of pods) addPod(scan, pod)
  const rows = openRows()
  const times: PullTimes = new Map()
  const pulled = new Map<string, Set<string>>()
  for (const event of events.flatMap((one) => readEvent(one) ?? [])) {
    if (event.reason === 'Failed' && isPullFailure(event)) addFailure(rows, event)
    if (event.reason === 'Pulling') addPullTime(times, scan, event, 'began')
    if (event.reason === 'Pulled') {
      addPullTime(times, scan, event, 'ended')
      const image = imageOfEvent(event)
      if (isRealPull(event)) pulled.set(image, (pulled.get(image) ?? new Set()).add(event.node))
    }
  }
  addWaiting(rows, scan.failing)
  const read = nodes.flatMap((one) => readNode(one) ?? [])
  return {
    ...{ server: 'https://10.0.0.1:6443', from: 'kubeconfig', context: 'prod', namespaces: [], unread: [] },
    ...{ nodes: read, at: now },
    ...closeRows(rows, { pods: scan, pulled, at: now }),
    ...stuckPulls(scan, times, now),
    counts: { nodes: read.length, pods: scan.pods, namespaces: scan.namespaces.size, events: events.length },
  }
}

/** The nodes `node-1` to `node-7`. */
const sevenNodes = () => [1, 2, 3, 4, 5, 6, 7].map((at) => nodeOf(`node-${at}`))

/** The faults that a check finds in a cluster. */
export const faultsOf = (check: Check, cluster: ClusterFact): Fault[] =>
  check
    .run({ ...healthyFacts(), cluster }, settingsWith({ mode: 'cluster' }))
    .map((fault) => ({ severity: check.severity, title: check.fault, advice: check.advice, ...fault }))

/** A cluster that could not be read. */
export const unreadCluster = (change: Partial<ClusterFact>): ClusterFact => ({ ...clusterOf({}), ...change })

import { type ParsedPull, parsePull } from '../../cluster/messages/parse.ts'
import type { PullRow } from '../../cluster/pulls.ts'
import type { PodEvent } from './events.ts'
import type { PodScan, WaitingContainer } from './pods.ts'

/** So many images and causes are told apart; what goes beyond is counted. */
const maxRows = 500
const maxNodes = 50
const maxNamed = 5

interface NodeCount {
  failures: number
  first: number | undefined
  last: number | undefined
  isFailing: boolean
}

interface OpenRow {
  image: string
  error: PullRow['error']
  nodes: Map<string, NodeCount>
  addresses: Set<string>
  resolvers: Set<string>
  pods: Map<string, PullRow['pods'][number]>
  kinds: Set<PullRow['kinds'][number]>
  pullSecrets: Set<string>
  text: string
}

/** Failed pulls that are being gathered, by image and by host, leg, phase, kind and status: never by text. */
export interface OpenRows {
  rows: Map<string, OpenRow>
  more: number
}

export const openRows = (): OpenRows => ({ rows: new Map(), more: 0 })

/** Adds an event of a pull that failed. */
export function addFailure(open: OpenRows, event: PodEvent): void {
  const parsed = parsePull(event.message)
  const row = rowFor(open, parsed)
  if (!row) return
  const node = nodeIn(row, event.node)
  node.failures += event.count
  node.first = least(node.first, event.first)
  node.last = most(node.last, event.last)
  nameAddress(row, parsed)
  row.pods.set(`${event.namespace}/${event.pod}`, {
    namespace: event.namespace,
    name: event.pod,
    container: event.container,
  })
}

/**
 * Adds what pods wait for now. A status of Kubernetes before 1.32 does not hold the error: it is the last event of that image on that node.
 */
export function addWaiting(open: OpenRows, waiting: readonly WaitingContainer[]): void {
  for (const one of waiting) {
    const parsed = parsePull(messageOf(one), one.image)
    const row = (hasError(one) ? undefined : lastRowOf(open, one)) ?? rowFor(open, parsed)
    if (!row) continue
    const node = nodeIn(row, one.node)
    node.isFailing = true
    node.failures = Math.max(1, node.failures)
    node.first = node.first ?? one.since
    nameAddress(row, parsed)
    row.pods.set(`${one.namespace}/${one.pod}`, {
      namespace: one.namespace,
      name: one.pod,
      container: one.container,
    })
    row.kinds.add(one.kind)
    for (const secret of one.pullSecrets) row.pullSecrets.add(secret)
  }
}

const isBareBackOff = (message: string): boolean =>
  /^Back-off pulling (?:image|artifact) "[^"]*"$/.test(message.trim())

const hasError = ({ message, reason }: WaitingContainer): boolean =>
  reason === 'ErrImageNeverPull' ||
  reason === 'InvalidImageName' ||
  !(message === '' || isBareBackOff(message))

/** Some reasons say more than their message. */
const messageOf = ({ reason, message }: WaitingContainer): string =>
  /^Err(?:ImagePull)$|BackOff$/.test(reason) ? message : `${reason}: ${message}`

function lastRowOf({ rows }: OpenRows, { image, node }: WaitingContainer): OpenRow | undefined {
  const own = [...rows.values()].filter((row) => row.image === image && row.nodes.has(node))
  return own.toSorted((a, b) => (b.nodes.get(node)?.last ?? 0) - (a.nodes.get(node)?.last ?? 0))[0]
}

function rowFor(
  open: OpenRows,
  { image, error: { address: _, port: __, resolver: ___, ...error }, text }: ParsedPull,
): OpenRow | undefined {
  const key = JSON.stringify([image, error.host, error.leg, error.phase, error.kind, error.status ?? 0])
  const known = open.rows.get(key)
  if (known) return known
  if (open.rows.size >= maxRows) {
    open.more += 1
    return undefined
  }
  const row: OpenRow = {
    ...{ image, error, text },
    nodes: new Map(),
    addresses: new Set(),
    resolvers: new Set(),
    pods: new Map(),
    kinds: new Set(),
    pullSecrets: new Set(),
  }
  open.rows.set(key, row)
  return row
}

function nodeIn({ nodes }: OpenRow, name: string): NodeCount {
  const known = nodes.get(name) ?? { failures: 0, first: undefined, last: undefined, isFailing: false }
  nodes.set(name, known)
  return known
}

function nameAddress(
  { addresses, resolvers }: OpenRow,
  { error: { address, port, resolver } }: ParsedPull,
): void {
  if (address !== undefined)
    addresses.add(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)
  if (resolver !== undefined) resolvers.add(resolver)
}

const least = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)
const most = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b)

/** Kubelet tries again after 5 minutes at the latest, so a node that was silent for this long does not try any more. */
const silentMs = 10 * 60_000

/** What is needed to close the rows. */
export interface CloseContext {
  /** Undefined where pods could not be listed: what fails now is then judged by the age of the last event. */
  pods: PodScan | undefined
  /** The nodes that pulled an image in the last hour. */
  pulled: Map<string, Set<string>>
  /** The time of the cluster, in milliseconds since the epoch. */
  at: number
}

/** The rows as facts, those that fail now first, then those that fail on most nodes. */
export function closeRows(
  { rows, more }: OpenRows,
  context: CloseContext,
): { pulls: PullRow[]; morePulls: number } {
  const pulls = [...rows.values()].map((row) => closeRow(row, context))
  pulls.sort(
    (a, b) =>
      Number(b.isFailing) - Number(a.isFailing) ||
      b.failingNodes - a.failingNodes ||
      b.failures - a.failures ||
      (a.image < b.image ? -1 : 1),
  )
  return { pulls, morePulls: more }
}

function closeRow(row: OpenRow, { pods, pulled, at }: CloseContext): PullRow {
  const isNodeFailing = ({ isFailing, last }: NodeCount) =>
    pods ? isFailing : last !== undefined && at - last < silentMs
  const nodes = [...row.nodes].map(([name, node]) => ({
    name,
    failures: node.failures,
    isFailing: isNodeFailing(node),
  }))
  nodes.sort(
    (a, b) =>
      Number(b.isFailing) - Number(a.isFailing) || b.failures - a.failures || (a.name < b.name ? -1 : 1),
  )
  const failing = nodes.filter((node) => node.isFailing)
  const times = [...row.nodes.values()]
  const since = times.map(({ first }) => first).reduce(least, undefined)
  const last = times.map((node) => node.last).reduce(most, undefined)
  const pulledOn = pulled.get(row.image) ?? new Set<string>()
  const runningOn = [...(pods?.running.get(row.image)?.keys() ?? [])].filter(
    (name) => !failing.some((node) => node.name === name),
  )
  return {
    ...{ image: row.image, error: row.error, text: row.text },
    nodes: nodes.slice(0, maxNodes),
    ...{ nodeCount: nodes.length, failingNodes: failing.length, isFailing: failing.length > 0 },
    addresses: [...row.addresses].slice(0, maxNamed),
    resolvers: [...row.resolvers].slice(0, maxNamed),
    failures: nodes.reduce((sum, { failures }) => sum + failures, 0),
    ...(since === undefined ? {} : { since }),
    ...(last === undefined ? {} : { last }),
    ...{ pods: [...row.pods.values()].slice(0, maxNamed), podCount: row.pods.size },
    ...{ kinds: [...row.kinds], pullSecrets: [...row.pullSecrets].slice(0, maxNamed) },
    cachedOn: runningOn.filter((name) => !pulledOn.has(name)).slice(0, maxNodes),
    pulledOn: [...pulledOn].slice(0, maxNodes),
  }
}

import { firstOf } from '../../../core/names.ts'
import { count } from '../../../core/units.ts'
import { type PullClass, pullKinds } from '../../cluster/pull-kinds.ts'
import type { PullRow } from '../../cluster/pulls.ts'

/** The class of a row's cause. */
export const classOf = ({ error }: Pick<PullRow, 'error'>): PullClass => pullKinds[error.kind].class

/** `1 of 7 nodes (node-3)`. `total` is how many nodes the cluster has; 0 if that is not known. */
export function nodesText({ nodes, nodeCount, failingNodes, isFailing }: PullRow, total: number): string {
  const shown = isFailing ? nodes.filter((node) => node.isFailing) : nodes
  const many = isFailing ? failingNodes : nodeCount
  const names = firstOf(shown.map(({ name }) => name || 'no node'))
  return `${total >= many && total > 0 ? `${many} of ${count(total, 'node')}` : count(many, 'node')} (${names})`
}

/** What failed, where: `resolve, connect: connection timed out, 203.0.113.7:443`. */
export function errorText({ error, addresses, resolvers }: PullRow): string {
  const { kind, leg, phase, host, status } = error
  const place =
    leg === 'unknown' && phase === 'unknown' ? '' : `${leg === phase ? leg : `${leg}, ${phase}`}: `
  const what = `${pullKinds[kind].text}${status === undefined ? '' : ` (HTTP ${status})`}`
  const at =
    leg === 'node' || host === '' ? [] : addresses.length > 0 ? [`${host} at ${firstOf(addresses)}`] : [host]
  const by = resolvers.length > 0 ? [`asked of ${firstOf(resolvers)}`] : []
  return [`${place}${what}`, ...at, ...by].join(', ')
}

/** How often and since when: `51 times since 00:41 UTC`. Events live for an hour, and similar ones are merged: it is the least. */
export function timesText({ failures, since, isFailing, last }: PullRow, at: number): string {
  const often = failures === 1 ? 'once' : `${failures} times`
  const from = since === undefined ? '' : ` since ${clockText(since, at)}`
  return isFailing || last === undefined
    ? `${often}${from}`
    : `${often}${from}, last ${clockText(last, at)}; no pod waits for it now`
}

/** A time of day, with the date where that is another day than `at`. */
export function clockText(time: number, at: number): string {
  const text = new Date(time).toISOString()
  const isToday = text.slice(0, 10) === new Date(at).toISOString().slice(0, 10)
  return `${isToday ? '' : `${text.slice(0, 10)} `}${text.slice(11, 16)} UTC`
}

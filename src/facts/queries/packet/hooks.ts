import type { BaseChain, Filter, Hook, Translation } from './model.ts'
import type { Packet } from './packet.ts'
import { connectionStatuses } from './values.ts'
import { type Outcome, walkBase } from './walk.ts'

/** Everything that a hook does with a packet; undefined where the packet goes on. */
export type Stopped = Extract<Outcome, { verdict: 'drop' | 'reject' | 'unknown' }>

/** The addresses that NAT takes from an interface. */
export interface NatSources {
  /** The source address of a masqueraded packet that leaves by an interface towards an address. */
  masquerade: (device: string, packet: Packet) => bigint | undefined
  /** The address that a redirected packet gets. */
  redirect: (device: string, packet: Packet) => bigint | undefined
}

const conntrackAt = -200
const natAt: Partial<Record<Hook, number>> = { prerouting: -100, output: -100, input: 100, postrouting: 100 }
const sourceHooks = new Set<Hook>(['input', 'postrouting'])

interface Entry {
  priority: number
  run: (packet: Packet) => Stopped | undefined
}

/**
 * Runs the base chains of one hook of IP in the order of their priorities, with conntrack and NAT at theirs
 * (uapi/linux/netfilter_ipv4.h). All chains of type `nat` run at the one priority of NAT, for the first packet of a connection.
 */
export function runHook(filter: Filter, hook: Hook, packet: Packet, nat: NatSources): Stopped | undefined {
  const here = filter.bases.filter((base) => base.hook === hook && isFamily(base, packet.family))
  const filters = here.filter(({ type }) => type === 'filter')
  const entries: Entry[] = filters.map((base) => ({
    priority: base.priority,
    run: (one) => stopped(walkBase(base, one), one),
  }))
  if (packet.looped) return runInOrder(entries, packet)
  if (hook === 'prerouting' || hook === 'output') entries.push({ priority: conntrackAt, run: track })
  const at = natAt[hook]
  const translating = here.filter(({ type }) => type === 'nat')
  // The kernel has NAT at all its hooks once there is a chain of NAT at any of them.
  if (at !== undefined && filter.bases.some(({ type }) => type === 'nat'))
    entries.push({ priority: at, run: (one) => translate(translating, hook, one, nat) })
  return runInOrder(entries, packet)
}

const isFamily = ({ table }: BaseChain, family: Packet['family']): boolean =>
  table.family === family || table.family === 'inet'

function stopped(outcome: Outcome, { trail }: Packet): Stopped | undefined {
  if (outcome.verdict !== 'accept') return outcome
  if (outcome.at.rule !== undefined) trail.push(outcome.at)
  return undefined
}

/**
 * The order of chains of one priority is that of their registration, which no listing shows: what one of them changes may or may
 * not be seen by the others.
 */
function runInOrder(entries: Entry[], packet: Packet): Stopped | undefined {
  const groups = Map.groupBy(entries, ({ priority }) => priority)
  for (const priority of [...groups.keys()].toSorted((a, b) => a - b)) {
    const group = groups.get(priority) ?? []
    const result = group.length === 1 ? group[0]?.run(packet) : runGroup(group, packet)
    if (result) return result
  }
  return undefined
}

function runGroup(group: Entry[], packet: Packet): Stopped | undefined {
  const forward = { ...packet }
  const backward = { ...packet }
  const [first, last] = [runAll(group, forward), runAll(group.toReversed(), backward)]
  Object.assign(packet, forward)
  if (forward.mark !== backward.mark) packet.mark = undefined
  const { connection } = backward
  if (packet.connection.mark !== connection.mark)
    packet.connection = { ...packet.connection, mark: undefined }
  if (first && last && first.verdict !== 'unknown' && last.verdict !== 'unknown') return first
  const either = first ?? last
  if (!either) return undefined
  return first && last ? { verdict: 'unknown', at: either.at } : { ...either, verdict: 'unknown' }
}

function runAll(group: Entry[], packet: Packet): Stopped | undefined {
  for (const { run } of group) {
    const result = run(packet)
    if (result) return result
  }
  return undefined
}

/** Conntrack attaches the packet's connection, unless a rule told it not to; where that is not known, nothing of it is. */
function track(packet: Packet): undefined {
  const { connection, tracked, saddr, daddr, sport, dport } = packet
  if (connection.state === 'untracked') return
  const original = tracked.original ?? { saddr, daddr, sport, dport }
  const known = { ...tracked, ...(tracked.status === null ? {} : { original }) }
  packet.connection =
    connection.state === undefined
      ? { ...known, state: undefined, status: undefined, mark: undefined }
      : known
}

function translate(bases: BaseChain[], hook: Hook, packet: Packet, nat: NatSources): Stopped | undefined {
  const { state, reply } = packet.connection
  if (reply) return reverse(hook, packet)
  if (state !== 'new' && state !== undefined) return undefined
  for (const group of Map.groupBy(bases, (base) => base.priority).values()) {
    const outcomes = group.map((base) => walkBase(base, base === group.at(-1) ? packet : { ...packet }))
    for (const { verdict, at } of outcomes)
      if (verdict === 'accept' && at.rule !== undefined) packet.trail.push(at)
    const [first, ...others] = outcomes.filter((outcome) => outcome.verdict !== 'accept' || outcome.to)
    if (!first) continue
    // Which of two chains of one priority comes first is not known.
    const isClear = state !== undefined && others.every((other) => isSameOutcome(first, other, packet, nat))
    if (!isClear) return { verdict: 'unknown', at: first.at }
    if (first.verdict !== 'accept') return first
    const done = first.to && apply(first.to, hook, packet, nat)
    return done ? undefined : { verdict: 'unknown', at: first.at }
  }
  return undefined
}

function isSameOutcome(a: Outcome, b: Outcome, packet: Packet, nat: NatSources): boolean {
  if (a.verdict !== 'accept' || b.verdict !== 'accept')
    return a.verdict === b.verdict && a.verdict !== 'unknown'
  const [one, other] = [a.to, b.to]
  if (!one || !other || one.unknown || other.unknown) return false
  return (
    addressOf(one, packet, nat) === addressOf(other, packet, nat) &&
    one.port === other.port &&
    one.lastPort === other.lastPort
  )
}

/** An answer gets back the addresses that NAT took from the request: one before routing, the other after it. */
function reverse(hook: Hook, packet: Packet): undefined {
  const { original } = packet.connection
  if (!original) return
  if (sourceHooks.has(hook)) {
    packet.saddr = original.daddr
    packet.sport = original.dport
  } else {
    packet.daddr = original.saddr
    packet.dport = original.sport
  }
}

/** Changes the packet's addresses; false where the target is not known. */
function apply(to: Translation, hook: Hook, packet: Packet, nat: NatSources): boolean {
  if (to.unknown) return false
  const source = sourceHooks.has(hook)
  const address = addressOf(to, packet, nat)
  if (
    address === undefined &&
    to.address === undefined &&
    (to.what === 'masquerade' || to.what === 'redirect')
  )
    return false
  const { connection, saddr, sport, daddr, dport } = packet
  if (source) {
    packet.saddr = address ?? packet.saddr
    packet.sport = portOf(to, packet.sport)
  } else {
    packet.daddr = address ?? packet.daddr
    packet.dport = portOf(to, packet.dport)
  }
  // What stays as it was does not count as translated (nf_nat_setup_info).
  const isChanged =
    [packet.saddr, packet.sport, packet.daddr, packet.dport].join() !== [saddr, sport, daddr, dport].join()
  const bit = isChanged ? (connectionStatuses[source ? 'snat' : 'dnat'] ?? 0n) : 0n
  packet.connection = { ...connection, status: (connection.status ?? 0n) | bit }
  return true
}

/** A port that is in the range stays; a destination gets the first of them, as long as no other connection has it (nf_nat_core.c). */
function portOf({ port, lastPort = port }: Translation, own: bigint): bigint {
  if (port === undefined || lastPort === undefined) return own
  return port <= own && own <= lastPort ? own : port
}

function addressOf(to: Translation, packet: Packet, nat: NatSources): bigint | undefined {
  if (to.what === 'masquerade') return nat.masquerade(packet.oif ?? '', packet)
  if (to.what === 'redirect') return nat.redirect(packet.iif ?? '', packet)
  return to.address
}

import type { Cause, Finding } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import { seenIn } from '../../core/observed.ts'
import type { Facts } from '../../facts/facts.ts'
import { type PortState, type PortsInState, portStates } from '../../facts/queries/runner/port-state.ts'
import { socketText } from '../../facts/queries/runner/port-text.ts'
import { apart, failuresOf, follows, hostsOf, type Link, type Linking, open } from './link.ts'

/** An address that failed requests went to. */
interface Tried {
  address: string
  port?: number
  /** With the port, where that is known. */
  socket: string
}

/** The addresses that the failed requests of a cause went to; `isAll`: those of every request, for every host, are known. */
function triedBy(then: Cause, facts: Facts): { tried: Tried[]; isAll: boolean } {
  const failures = failuresOf(then, facts)
  const tried = failures.flatMap(({ addresses = [], port }) =>
    addresses.map((address): Tried => {
      const socket = port === undefined ? address : socketText(address, port)
      return { address, socket, ...(port === undefined ? {} : { port }) }
    }),
  )
  return {
    tried: [...new Map(tried.map((one) => [one.socket, one])).values()],
    isAll:
      failures.every(({ addresses = [] }) => addresses.length > 0) &&
      hostsOf(then).every((host) => failures.some((failure) => failure.host === host)),
  }
}

/** A consequence where it is true of every address; where it is true of some, nothing shows that these matter. */
function ofHits(hits: Tried[], { tried, isAll }: ReturnType<typeof triedBy>, why: string): Link {
  const others = tried.filter((one) => !hits.includes(one)).map(({ socket }) => socket)
  if (others.length > 0) return open(`${why}, and they also went to ${firstOf(others)}`)
  return isAll ? follows(why) : open(`${why}, and where the others went is not known`)
}

/** A Docker network covers addresses: those that did not answer, or others. */
export const byShadow: Linking = (then, first, facts) => {
  const found = triedBy(then, facts)
  const [one] = found.tried
  const shadowed = found.tried.filter(({ address }) =>
    first.findings.some(({ subject }) => subject === address),
  )
  if (shadowed.length > 0) {
    const addresses = firstOf([...new Set(shadowed.map(({ address }) => address))])
    return ofHits(
      shadowed,
      found,
      `this host routes packets for ${addresses}, which requests went to, to the bridge of a container network`,
    )
  }
  return one && found.isAll
    ? apart(`no container network covers ${firstOf([...new Set(found.tried.map(({ address }) => address))])}`)
    : undefined
}

/** Ports of this host do not answer: they are those that the requests went to, or others. */
export const byOwnPort: Linking = (then, first, facts) => {
  const found = triedBy(then, facts)
  const { tried, isAll } = found
  const hits = tried.filter((one) => first.findings.some((finding) => isAbout(finding, one, facts)))
  const [hit] = hits
  if (hit) return ofHits(hits, found, `${hit.socket}, which requests went to, is a port of this host`)
  const own = new Set([
    ...(facts.runner ? (seenIn(facts.runner.routes)?.local ?? []) : []),
    ...(facts.runner ? (seenIn(facts.runner.ports)?.targets ?? []) : []).map(({ address }) => address),
  ])
  if (tried.length === 0 || !isAll || own.size === 0 || tried.some(({ address }) => own.has(address)))
    return undefined
  return apart(
    `${firstOf(tried.map(({ socket }) => socket))} ${tried.length === 1 ? 'is' : 'are'} not on this host`,
  )
}

/** The states of ports that a finding is about. */
const statesOf: Record<string, readonly PortState[]> = {
  'host-tcp-blackhole': ['tcp-dropped', 'policy-drop'],
  'host-firewall-reject': ['rejected'],
  'host-port-refused': ['closed'],
  'host-listener-starved': ['starved'],
  'host-unreachable-from-runner': ['no-route'],
  'listener-backlog-overflow': ['backlog-full'],
}

/** Whether a port is one of those that a finding is about, which names an address without ports where there are several. */
function isAbout({ id, subject }: Finding, { address, port, socket }: Tried, { runner }: Facts): boolean {
  if (port !== undefined && subject === socket) return true
  const states = statesOf[id] ?? []
  return (runner ? portStates(runner) : [])
    .filter(({ target, state }) => target.address === address && states.includes(state))
    .filter(({ dials: [dial, ...more] }) =>
      more.length > 0 ? subject === address : dial && subject === socketText(address, dial.port),
    )
    .some((one) => isWholeHost(one) || one.dials.some((dial) => dial.port === port))
}

/** Whether a state is one of every port: there is no route, or no port answers over TCP, not even those that should be closed. */
const isWholeHost = ({ state, target }: PortsInState): boolean =>
  state === 'no-route' ||
  (state === 'tcp-dropped' &&
    target.canaries.length > 0 &&
    [...target.canaries, ...target.ports].every(({ result }) => result === 'timeout'))

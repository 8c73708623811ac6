import { seenIn } from '../../../core/observed.ts'
import { isVersion6 } from '../../../net/ip.ts'
import type { Dial, ListenerFact, PortTarget } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { inputRules } from './input-rules.ts'
import { shadowOf } from './shadows.ts'

/** What the state of a port is derived from. */
export type PortView = RunnerView<'ports' | 'rules' | 'networks' | 'routes' | 'links'>

/**
 * The state of a port of the host:
 * - `open`: it accepts connections, and its service greets where such a service speaks first
 * - `tcp-dropped`: packets of new TCP connections are dropped; ping or UDP gets through
 * - `rejected`: a firewall rule rejects the connection
 * - `backlog-full`: the accept queue of its listener is full
 * - `starved`: the kernel accepts the connection, the service sends no greeting
 * - `no-answer`: no answer of any kind, not even to a ping
 * - `no-route`: no route to the address, or no neighbour with it
 * - `policy-drop`: everything that no rule accepts is dropped, as by a DROP policy
 * - `closed`: nothing listens
 * - `unclear`: none of these
 */
export type PortState =
  | 'open'
  | 'tcp-dropped'
  | 'rejected'
  | 'backlog-full'
  | 'starved'
  | 'no-answer'
  | 'no-route'
  | 'policy-drop'
  | 'closed'
  | 'unclear'

/** Ports of one address that are in the same state. */
export interface PortsInState {
  state: PortState
  target: PortTarget
  dials: Dial[]
}

/** All dialled ports, grouped by address and state. */
export function portStates(runner: PortView): PortsInState[] {
  const { targets = [] } = seenIn(runner.ports) ?? {}
  return targets.flatMap((target) => {
    const groups = Map.groupBy(target.ports, (dial) => portState(dial, target, runner))
    return [...groups].map(([state, dials]) => ({ state, target, dials }))
  })
}

/** The state of one port. Where dialling alone is not conclusive, the runner's rules, sockets and networks decide. */
export function portState(dial: Dial, target: PortTarget, runner: PortView): PortState {
  switch (dial.result) {
    case 'open':
      return dial.banner === 'silent' ? 'starved' : 'open'
    case 'refused':
      return isRefusedByRule(dial, target, runner) ? 'rejected' : 'closed'
    case 'unreachable':
      return unlessShadowed(unreachableState(dial, target), target, runner)
    case 'timeout':
      return unlessShadowed(silentState(dial, target, runner), target, runner)
    case 'failed':
      return 'unclear'
  }
}

/** ARP gives up on a neighbour after 3.06 s; a rule rejects within a millisecond. */
export const slowMs = 1000

function unreachableState({ ms, code }: Dial, target: PortTarget): PortState {
  if (respondsAtAll(target)) return 'rejected'
  // Firewalls answer that a port or a host is unreachable or prohibited; a missing route, that the network is.
  if (code === 'ENETUNREACH') return 'no-route'
  if (target.ping === 'unreachable')
    return /prohibit|filter/i.test(target.pingSaid ?? '') ? 'rejected' : 'no-route'
  return ms < slowMs ? 'rejected' : 'no-route'
}

/** Whether the host answered anything, which proves that packets travel both ways. */
export const respondsAtAll = ({ ping, datagram, canaries, ports }: PortTarget): boolean =>
  ping === 'answered' ||
  datagram === 'refused' ||
  [...canaries, ...ports].some(({ result }) => result === 'open' || result === 'refused')

function silentState(dial: Dial, target: PortTarget, runner: PortView): PortState {
  // The kernel limits ICMP errors to about one a second per destination, so a rule that rejects many ports seems to drop some.
  const refusal = [...target.canaries, ...target.ports].find(({ result }) => result === 'unreachable')
  if (refusal) return unreachableState(refusal, target)
  if (closedPortsAnswer(target)) return isPortDropped(dial, target, runner) ? 'tcp-dropped' : 'backlog-full'
  if (respondsAtAll(target) || (target.ping === 'not possible' && target.neighbour !== 'missing'))
    return droppedState(dial, target, runner)
  return target.ping === 'unreachable' || target.neighbour === 'missing' ? 'no-route' : 'no-answer'
}

/** Whether closed ports answer: then a silent port has a cause of its own. */
export const closedPortsAnswer = ({ canaries }: PortTarget): boolean =>
  canaries.some(({ result }) => result === 'refused' || result === 'open')

/** Whether a rule drops only this port: one that was read, or one that must exist because the accept queue has room. */
function isPortDropped({ port }: Dial, { address }: PortTarget, runner: PortView): boolean {
  const rules = seenIn(runner.rules)
  if (rules && inputRules(rules, address, port).drops.length > 0) return true
  const ports = seenIn(runner.ports)
  const queue = ports && listenerAt(ports.listeners, address, port)?.queue
  return queue !== undefined && queue.waiting < queue.limit && ports?.listenDrops === 0
}

/** A refused datagram proves that only TCP is dropped. Without one, the rules decide, or the silence of the datagram. */
function droppedState(
  { port }: Dial,
  { address, datagram }: PortTarget,
  runner: PortView,
): 'tcp-dropped' | 'policy-drop' {
  if (datagram === 'refused') return 'tcp-dropped'
  const rules = seenIn(runner.rules)
  const { dropPolicies, drops } = rules ? inputRules(rules, address, port) : { dropPolicies: [], drops: [] }
  if (dropPolicies.length > 0 || drops.some(({ tcpOnly }) => !tcpOnly)) return 'policy-drop'
  return drops.length > 0 || datagram !== 'silent' ? 'tcp-dropped' : 'policy-drop'
}

/** A refused connection to a port with a listener, where a rule that rejects it was read. */
function isRefusedByRule({ port }: Dial, { address }: PortTarget, runner: PortView): boolean {
  const rules = seenIn(runner.rules)
  const { listeners = [] } = seenIn(runner.ports) ?? {}
  if (!rules || !listenerAt(listeners, address, port)) return false
  return inputRules(rules, address, port).rejects.length > 0
}

/** The listening socket that accepts connections to this address and port. */
export function listenerAt(
  listeners: ListenerFact[],
  address: string,
  port: number,
): ListenerFact | undefined {
  const wildcards = isVersion6(address) ? ['::'] : ['0.0.0.0', '::']
  return listeners.find(
    (listener) =>
      listener.port === port && (listener.address === address || wildcards.includes(listener.address)),
  )
}

/** Where one of the engine's networks covers the address, a missing neighbour proves only that nothing answers. */
function unlessShadowed(state: PortState, { address }: PortTarget, runner: PortView): PortState {
  return state === 'no-route' && shadowOf(address, runner) ? 'no-answer' : state
}

import { seenIn } from '../../../core/observed.ts'
import type { Dial, ListenerFact, PortTarget } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { isVersion6 } from './addresses.ts'
import { inputRules } from './input-rules.ts'
import { shadowOf } from './shadows.ts'

/** What the state of a port is read from. */
export type PortView = RunnerView<'ports' | 'rules' | 'networks' | 'routes' | 'links'>

/**
 * What is the matter with a port of the host:
 * `0` nothing · `A` TCP is dropped on its way in · `B` refused by a rule · `C` the queue of its listener is full · `D` nobody
 * serves it, though its kernel answers · `E` nothing comes back, not even a ping · `F` there is no way to it · `G` all that
 * no rule lets in is dropped · `closed` nobody listens · `unclear` none of these.
 */
export type PortState = '0' | 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'closed' | 'unclear'

/** Ports of one address that are in the same row. */
export interface PortsInState {
  row: PortState
  target: PortTarget
  dials: Dial[]
}

/** The rows of all that was dialled, worst in no order: one for each address and kind. */
export function portStates(runner: PortView): PortsInState[] {
  const { targets = [] } = seenIn(runner.ports) ?? {}
  return targets.flatMap((target) => {
    const rows = Map.groupBy(target.ports, (dial) => portState(dial, target, runner))
    return [...rows].map(([row, dials]) => ({ row, target, dials }))
  })
}

/** The row of one port. What else was seen of the runner decides where dialling alone cannot. */
export function portState(dial: Dial, target: PortTarget, runner: PortView): PortState {
  switch (dial.result) {
    case 'open':
      return dial.banner === 'silent' ? 'D' : '0'
    case 'refused':
      return refusedByRule(dial, target, runner) ? 'B' : 'closed'
    case 'unreachable':
      return shadowed(unreachableRow(dial, target), target, runner)
    case 'timeout':
      return shadowed(silentRow(dial, target, runner), target, runner)
    case 'failed':
      return 'unclear'
  }
}

/** ARP gives up on a neighbour after 3.06 s; a rule answers within a millisecond. */
export const slowMs = 1000

function unreachableRow({ ms }: Dial, target: PortTarget): PortState {
  if (givesSignOfLife(target)) return 'B'
  if (target.ping === 'unreachable') return /prohibit|filter/i.test(target.pingSaid ?? '') ? 'B' : 'F'
  return ms < slowMs ? 'B' : 'F'
}

/** The host answered something: whatever is silent, packets come there and back. */
export const givesSignOfLife = ({ ping, datagram, canaries, ports }: PortTarget): boolean =>
  ping === 'answered' ||
  datagram === 'refused' ||
  [...canaries, ...ports].some(({ result }) => result === 'open' || result === 'refused')

function silentRow(dial: Dial, target: PortTarget, runner: PortView): PortState {
  // A kernel sends about one ICMP error a second to one host: of many ports that a rule refuses, some then seem silent.
  const refusal = [...target.canaries, ...target.ports].find(({ result }) => result === 'unreachable')
  if (refusal) return unreachableRow(refusal, target)
  if (isNarrow(target)) {
    return droppedAlone(dial, target, runner) ? 'A' : 'C'
  }
  if (givesSignOfLife(target) || (target.ping === 'not possible' && target.neighbour !== 'missing'))
    return droppedRow(dial, target, runner)
  return target.ping === 'unreachable' || target.neighbour === 'missing' ? 'F' : 'E'
}

/** Closed ports answer: whatever keeps one silent is about that port. */
export const isNarrow = ({ canaries }: PortTarget): boolean =>
  canaries.some(({ result }) => result === 'refused' || result === 'open')

/** A silent port beside closed ones that refuse: no full queue where the host's own state says that there is none. */
function droppedAlone({ port }: Dial, { address }: PortTarget, runner: PortView): boolean {
  const rules = seenIn(runner.rules)
  if (rules && inputRules(rules, address, port).drops.length > 0) return true
  const ports = seenIn(runner.ports)
  const queue = ports && listenerAt(ports.listeners, address, port)?.queue
  return queue !== undefined && queue.waiting < queue.limit && ports?.listenDrops === 0
}

/** Nothing but TCP is dropped where a datagram was refused; where it was not, all is that no rule lets in. */
function droppedRow({ port }: Dial, { address, datagram }: PortTarget, runner: PortView): 'A' | 'G' {
  if (datagram === 'refused') return 'A'
  const rules = seenIn(runner.rules)
  const { dropPolicies, drops } = rules ? inputRules(rules, address, port) : { dropPolicies: [], drops: [] }
  if (dropPolicies.length > 0 || drops.some(({ tcpOnly }) => !tcpOnly)) return 'G'
  return drops.length > 0 || datagram !== 'silent' ? 'A' : 'G'
}

/** A program listens there, and still the connection was refused: only a rule does that. */
function refusedByRule({ port }: Dial, { address }: PortTarget, runner: PortView): boolean {
  const rules = seenIn(runner.rules)
  const { listeners = [] } = seenIn(runner.ports) ?? {}
  if (!rules || !listenerAt(listeners, address, port)) return false
  return inputRules(rules, address, port).rejects.length > 0
}

/** The socket that takes connections to this address and port. */
export function listenerAt(
  listeners: ListenerFact[],
  address: string,
  port: number,
): ListenerFact | undefined {
  const every = isVersion6(address) ? ['::'] : ['0.0.0.0', '::']
  return listeners.find(
    (listener) =>
      listener.port === port && (listener.address === address || every.includes(listener.address)),
  )
}

/** Silence, or no neighbour, at an address that one of Docker's own networks claims here. */
function shadowed(row: PortState, { address }: PortTarget, runner: PortView): PortState {
  return (row === 'E' || row === 'F') && shadowOf(address, runner) ? 'E' : row
}

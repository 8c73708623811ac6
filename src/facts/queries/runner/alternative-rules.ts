import { seenIn } from '../../../core/observed.ts'
import { holds } from '../../../net/ip.ts'
import type { RunnerView } from '../../view.ts'
import type { AlternativeCause } from './alternative-causes.ts'
import { closedPortsAnswer, listenerAt, type PortsInState, respondsAtAll } from './port-state.ts'
import { pingText } from './port-text.ts'

/** The facts that alternative causes are judged by. */
export type AlternativeView = RunnerView<
  'ports' | 'rules' | 'networks' | 'routes' | 'links' | 'kernel' | 'conntrack' | 'pressure'
>

/** Decides whether one alternative cause is supported, ruled out or neither. */
export type AlternativeRule = (ports: PortsInState, runner: AlternativeView) => AlternativeCause

export const starvation: AlternativeRule = ({ state }, runner) => {
  const cause = { name: 'starvation', what: 'host services get too little CPU, I/O or memory' }
  const pressure = pressureText(runner)
  if (state !== 'starved') {
    const by = 'the kernel completes TCP handshakes even for a program that does not run'
    return { ...cause, stands: 'ruled out', by: pressure === undefined ? by : `${by}; ${pressure}` }
  }
  if (pressure === undefined) return { ...cause, stands: 'not ruled out', by: 'pressure could not be read' }
  return isUnderPressure(runner)
    ? { ...cause, stands: 'supported', by: pressure }
    : { ...cause, stands: 'ruled out', by: `${pressure}: the program itself is stuck or stopped` }
}

export const backlog: AlternativeRule = ({ state, target, dials: [dial] }, runner) => {
  const cause = { name: 'a full accept queue', what: 'the accept queue of a listener is full' }
  const ports = seenIn(runner.ports)
  const drops = ports?.listenDrops
  const queue = ports && dial && listenerAt(ports.listeners, target.address, dial.port)?.queue
  const counters = [
    drops === undefined ? '' : `${drops} connections dropped at full queues during the inspection`,
    queue ? `${queue.waiting} of ${queue.limit} connections waiting to be accepted` : '',
  ].filter(Boolean)
  if (state !== 'backlog-full') {
    const others = closedPortsAnswer(target)
      ? []
      : ['ports without a listener do not answer either, and have no queue']
    return { ...cause, stands: 'ruled out', by: [...others, ...counters].join('; ') }
  }
  if (counters.length === 0)
    return { ...cause, stands: 'not ruled out', by: 'queues could not be read from here' }
  const full = (drops ?? 0) > 0 || (queue !== undefined && queue.waiting >= queue.limit)
  return { ...cause, stands: full ? 'supported' : 'not ruled out', by: counters.join('; ') }
}

export const routing: AlternativeRule = ({ target }) => {
  const cause = {
    name: 'routing or an overlapping network',
    what: 'a link is down, or a route or a container network diverts the packets',
  }
  if (!respondsAtAll(target)) return { ...cause, stands: 'not ruled out', by: `ping: ${pingText(target)}` }
  const by =
    target.ping === 'answered'
      ? `ping: ${pingText(target)}`
      : 'the host answered other packets, so they travel both ways'
  return { ...cause, stands: 'ruled out', by }
}

export const conntrack: AlternativeRule = ({ target }, runner) => {
  const cause = { name: 'connection tracking', what: 'the connection tracking table is full' }
  const logged = seenIn(runner.kernel)?.lines.find(({ kind }) => kind === 'conntrack-full')
  if (logged) return { ...cause, stands: 'supported', by: logged.text }
  const table = seenIn(runner.conntrack)
  if (table) {
    const { count, max, drops } = table
    const by = `${count} of ${max} entries${drops === undefined ? '' : `, ${drops} packets dropped by it`}`
    const full = (drops ?? 0) > 0 || count >= max * 0.95
    return { ...cause, stands: full ? 'supported' : 'ruled out', by }
  }
  if (target.ping !== 'answered' && target.datagram !== 'refused')
    return { ...cause, stands: 'not ruled out', by: 'the table could not be read from here' }
  const passed = target.ping === 'answered' ? 'the ping' : 'the datagram'
  return { ...cause, stands: 'ruled out', by: `a full table would also drop ${passed}` }
}

/** RFC 6598, the range of Tailscale's IPv4 addresses, and Tailscale's own IPv6 range. */
const isTailnet = (address: string): boolean =>
  holds('100.64.0.0/10', address) || holds('fd7a:115c:a1e0::/48', address)

export const tailnet: AlternativeRule = ({ target }, runner) => {
  const cause = { name: 'the tailnet only', what: 'only the path through the tailnet is down' }
  if (!isTailnet(target.address))
    return { ...cause, stands: 'ruled out', by: `${target.address} is not a tailnet address` }
  const others = (seenIn(runner.ports)?.targets ?? []).filter(({ address }) => !isTailnet(address))
  const open = others.find(({ ports }) => ports.some(({ result }) => result === 'open'))
  if (open) return { ...cause, stands: 'supported', by: `${open.address} answers` }
  return others[0]
    ? {
        ...cause,
        stands: 'ruled out',
        by: `${others[0].address}, which is not a tailnet address, does not answer either`,
      }
    : { ...cause, stands: 'not ruled out', by: 'no other address of the host was dialled' }
}

export const network: AlternativeRule = (_ports, runner) => {
  const cause = { name: 'this container’s network', what: 'the whole network of this container is down' }
  const beyond = seenIn(runner.ports)?.beyond
  if (beyond === 'reached')
    return { ...cause, stands: 'ruled out', by: 'other hosts were reached during the inspection' }
  const by = beyond === undefined ? 'no other host was contacted' : 'no other host was reached either'
  return { ...cause, stands: 'not ruled out', by }
}

/** From this share of stalled time (percent) on, programs respond noticeably late. */
const highPressure = 20

function isUnderPressure(runner: AlternativeView): boolean {
  const { cpu = 0, io = 0, memory = 0 } = seenIn(runner.pressure) ?? {}
  return Math.max(cpu, io, memory) >= highPressure
}

function pressureText(runner: AlternativeView): string | undefined {
  const { cpu, io, memory } = seenIn(runner.pressure) ?? {}
  const parts = Object.entries({ CPU: cpu, 'I/O': io, memory }).flatMap(([name, share]) =>
    share === undefined ? [] : [`${name} ${Math.round(share)} %`],
  )
  return parts.length === 0 ? undefined : `pressure in the last 10 s: ${parts.join(', ')}`
}

import { seenIn } from '../../../core/observed.ts'
import type { RunnerView } from '../../view.ts'
import { holds } from './addresses.ts'
import type { AlternativeCause } from './alternative-causes.ts'
import { givesSignOfLife, isNarrow, listenerAt, type PortsInState } from './port-state.ts'
import { pingText } from './port-text.ts'

/** What alternative causes are judged by. */
export type AlternativeView = RunnerView<
  'ports' | 'rules' | 'networks' | 'routes' | 'links' | 'kernel' | 'conntrack' | 'pressure'
>

/** How one other explanation stands, by all that was seen. */
export type AlternativeRule = (row: PortsInState, runner: AlternativeView) => AlternativeCause

export const starvation: AlternativeRule = ({ row }, runner) => {
  const about = { name: 'starvation', what: 'programs of the host get too little CPU, disk or memory' }
  const pressure = pressureText(runner)
  if (row !== 'D') {
    const by = 'a kernel completes TCP handshakes for programs that do not run'
    return { ...about, stands: 'ruled out', by: pressure === undefined ? by : `${by}; ${pressure}` }
  }
  if (pressure === undefined) return { ...about, stands: 'not ruled out', by: 'pressure could not be read' }
  return isPressed(runner)
    ? { ...about, stands: 'supported', by: pressure }
    : { ...about, stands: 'ruled out', by: `${pressure}: the program itself is stuck or stopped` }
}

export const backlog: AlternativeRule = ({ row, target, dials: [dial] }, runner) => {
  const about = { name: 'a full queue', what: 'the queue of a listener is full' }
  const ports = seenIn(runner.ports)
  const drops = ports?.listenDrops
  const queue = ports && dial && listenerAt(ports.listeners, target.address, dial.port)?.queue
  const counted = [
    drops === undefined ? '' : `${drops} connections dropped at full queues while we looked`,
    queue ? `${queue.waiting} of ${queue.limit} waiting to be accepted` : '',
  ].filter(Boolean)
  if (row !== 'C') {
    const others = isNarrow(target) ? [] : ['ports without a listener are as silent, and have no queue']
    return { ...about, stands: 'ruled out', by: [...others, ...counted].join('; ') }
  }
  if (counted.length === 0)
    return { ...about, stands: 'not ruled out', by: 'queues could not be read from here' }
  const full = (drops ?? 0) > 0 || (queue !== undefined && queue.waiting >= queue.limit)
  return { ...about, stands: full ? 'supported' : 'not ruled out', by: counted.join('; ') }
}

export const routing: AlternativeRule = ({ target }) => {
  const about = {
    name: 'routing or a shadowing network',
    what: 'a link that is down, a route or a container network in the way',
  }
  if (!givesSignOfLife(target)) return { ...about, stands: 'not ruled out', by: `ping: ${pingText(target)}` }
  const by =
    target.ping === 'answered'
      ? `ping: ${pingText(target)}`
      : 'the host answered something, so packets come there and back'
  return { ...about, stands: 'ruled out', by }
}

export const conntrack: AlternativeRule = ({ target }, runner) => {
  const about = { name: 'connection tracking', what: 'the table of tracked connections is full' }
  const told = seenIn(runner.kernel)?.lines.find(({ kind }) => kind === 'conntrack-full')
  if (told) return { ...about, stands: 'supported', by: told.text }
  const seen = seenIn(runner.conntrack)
  if (seen) {
    const { count, max, drops } = seen
    const by = `${count} of ${max} entries${drops === undefined ? '' : `, ${drops} packets dropped for it`}`
    const full = (drops ?? 0) > 0 || count >= max * 0.95
    return { ...about, stands: full ? 'supported' : 'ruled out', by }
  }
  if (target.ping !== 'answered' && target.datagram !== 'refused')
    return { ...about, stands: 'not ruled out', by: 'it could not be read from here' }
  const passed = target.ping === 'answered' ? 'the ping' : 'the datagram'
  return { ...about, stands: 'ruled out', by: `it would lose ${passed} as well` }
}

/** RFC 6598, from which Tailscale takes its addresses, and its own range of IPv6. */
const isTailnet = (address: string): boolean =>
  holds('100.64.0.0/10', address) || holds('fd7a:115c:a1e0::/48', address)

export const tailnet: AlternativeRule = ({ target }, runner) => {
  const about = { name: 'the tailnet alone', what: 'only the way through the tailnet is dead' }
  if (!isTailnet(target.address))
    return { ...about, stands: 'ruled out', by: `${target.address} is no address of a tailnet` }
  const others = (seenIn(runner.ports)?.targets ?? []).filter(({ address }) => !isTailnet(address))
  const open = others.find(({ ports }) => ports.some(({ result }) => result === 'open'))
  if (open) return { ...about, stands: 'supported', by: `${open.address} answers` }
  return others[0]
    ? { ...about, stands: 'ruled out', by: `${others[0].address}, which is no address of it, is as dead` }
    : { ...about, stands: 'not ruled out', by: 'no other address of the host was dialled' }
}

export const network: AlternativeRule = (_row, runner) => {
  const about = { name: 'this container’s network', what: 'the whole network of this container is dead' }
  const beyond = seenIn(runner.ports)?.beyond
  if (beyond === 'reached')
    return { ...about, stands: 'ruled out', by: 'hosts beyond this one were reached meanwhile' }
  const by =
    beyond === undefined ? 'nothing beyond the host was asked' : 'nothing beyond the host was reached either'
  return { ...about, stands: 'not ruled out', by }
}

/** Above this share of waiting, programs are noticeably late. */
const pressed = 20

function isPressed(runner: AlternativeView): boolean {
  const { cpu = 0, io = 0, memory = 0 } = seenIn(runner.pressure) ?? {}
  return Math.max(cpu, io, memory) >= pressed
}

function pressureText(runner: AlternativeView): string | undefined {
  const { cpu, io, memory } = seenIn(runner.pressure) ?? {}
  const parts = Object.entries({ CPU: cpu, disk: io, memory }).flatMap(([name, share]) =>
    share === undefined ? [] : [`${name} ${Math.round(share)} %`],
  )
  return parts.length === 0 ? undefined : `waiting in the last 10 s: ${parts.join(', ')}`
}

import type { HostView, ListenerFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf, seen, unseen } from './area.ts'
import { netstatCounter } from './counters.ts'
import { elsewhere, type Place, procNeeds, unreadable } from './place.ts'
import { parseQueues, queueOf, type SocketQueue } from './socket-queues.ts'
import { listening, parseSockets } from './sockets.ts'
import { across, growth, type Window } from './window.ts'

/**
 * Sockets of the host that take connections, and how often the kernel dropped one at a full queue during the window. How
 * many may wait only `ss` tells, and only in that namespace; whose socket it is, only to one who may trace its owner.
 */
export async function observeListeners(
  access: HostAccess,
  place: Place | undefined,
  window: Window,
): Promise<HostView['listeners']> {
  if (!place) return unseen(elsewhere, procNeeds)
  const drops = await across(window, () => dropsOf(access, `${place.net}/netstat`))
  const path = `${place.net}/tcp`
  const [tcp, tcp6] = [await access.read(path), await access.read(`${path}6`)]
  if (!tcp.ok) return unseen(unreadable(path, tcp.code), procNeeds)
  const queues = place.own ? await queuesOf(access) : new Map<string, SocketQueue>()
  const rows = listening([...parseSockets(tcp.text), ...(tcp6.ok ? parseSockets(tcp6.text) : [])])
  const sockets = rows
    .slice(0, maxSockets)
    .map(({ address, port }): ListenerFact => ({ address, port, ...queueOf(queues, address, port) }))
  return seen({ sockets, ...(drops ? { drops: growth(...drops) } : {}) }, path)
}

const maxSockets = 5000

/** Connections dropped at a full accept queue, and SYNs at a full SYN queue. */
async function dropsOf(access: HostAccess, path: string): Promise<number | undefined> {
  const file = await access.read(path)
  if (!file.ok) return undefined
  const overflows = netstatCounter(file.text, 'TcpExt', 'ListenOverflows')
  return overflows === undefined
    ? undefined
    : overflows + (netstatCounter(file.text, 'TcpExt', 'TCPReqQFullDrop') ?? 0)
}

/** None where there is no `ss`: sockets are then told without their queues. */
async function queuesOf(access: HostAccess): Promise<Map<string, SocketQueue>> {
  const output = outputOf('ss', await access.run('ss', ['-ltnpH']))
  return output.ok ? parseQueues(output.text) : new Map()
}

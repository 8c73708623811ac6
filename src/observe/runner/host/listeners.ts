import type { HostView, ListenerFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { netstatCounter } from './counters.ts'
import { type HostNetwork, notInHostNetwork, procRemedies, whyUnreadable } from './host-network.ts'
import { stateOfPart } from './kernel-parts.ts'
import { outputOf } from './program-output.ts'
import { parseQueues, queueOf, type SocketQueue } from './socket-queues.ts'
import { listening, parseSockets } from './sockets.ts'
import { beforeAndAfter, growth, type Window } from './window.ts'

/**
 * Listening sockets of the host, and how often the kernel dropped a connection at a full queue during the window. Only `ss`
 * shows the queue limits, and only in that namespace; it shows a socket's program only to a process that may trace it.
 */
export async function observeListeners(
  access: HostAccess,
  network: HostNetwork | undefined,
  window: Window,
): Promise<HostView['listeners']> {
  if (!network) return unseen(notInHostNetwork, procRemedies)
  const drops = await beforeAndAfter(window, () => dropsOf(access, `${network.procNet}/netstat`))
  const path = `${network.procNet}/tcp`
  const [tcp, tcp6] = [await access.read(path), await access.read(`${path}6`)]
  if (!tcp.ok) return unseen(whyUnreadable(path, tcp.code), procRemedies)
  const queues = network.isOwn ? await queuesOf(access) : new Map<string, SocketQueue>()
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

/** Empty where `ss` fails or would load a module; the sockets are then listed without their queues. */
async function queuesOf(access: HostAccess): Promise<Map<string, SocketQueue>> {
  if ((await stateOfPart(access, 'tcp_diag')) !== 'present') return new Map()
  const output = outputOf('ss', await access.run('ss', ['-ltnpH']))
  return output.ok ? parseQueues(output.text) : new Map()
}

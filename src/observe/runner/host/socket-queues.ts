/** The accept queue of a listening socket, and its program where `ss` may show it. */
export interface SocketQueue {
  queue: { waiting: number; limit: number }
  program?: string
}

/**
 * Parses `ss -ltnpH` (iproute2): state, waiting connections, queue limit, local address, peer, and with enough privileges the
 * programs. The key is `address port`; the address of a socket bound to any address of both families is `*`.
 */
export function parseQueues(text: string): Map<string, SocketQueue> {
  const queues = new Map<string, SocketQueue>()
  for (const line of text.split('\n')) {
    const [, waiting, limit, local, program] =
      /^LISTEN\s+(\d+)\s+(\d+)\s+(\S+)\s+\S+(?:\s+users:\(\("(.{1,64}?)",pid=)?/.exec(line) ?? []
    const [, address, port] = /^(.+):(\d+)$/.exec(local ?? '') ?? []
    if (address === undefined) continue
    // Without brackets and interface name: 127.0.0.53%lo, [fe80::1]%eth0.
    const plain = address.replace(/%[^\]]*/, '').replace(/^\[|\]$/g, '')
    const queue = { waiting: Number(waiting), limit: Number(limit) }
    queues.set(`${plain} ${port}`, { queue, ...(program === undefined ? {} : { program }) })
  }
  return queues
}

/** The queue of this socket, if `ss` shows it. */
export const queueOf = (
  queues: Map<string, SocketQueue>,
  address: string,
  port: number,
): SocketQueue | undefined =>
  queues.get(`${address} ${port}`) ?? (address === '::' ? queues.get(`* ${port}`) : undefined)

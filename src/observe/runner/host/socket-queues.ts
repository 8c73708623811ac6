/** How full the queue of a listening socket is, and whose it is, as far as `ss` may tell. */
export interface SocketQueue {
  queue: { waiting: number; limit: number }
  program?: string
}

/**
 * Reads `ss -ltnpH` (iproute2): state, connections that wait, how many may wait, own address, peer, and with enough
 * privileges the programs. The key is `address port`; a socket bound to any address of both families is `*`.
 */
export function parseQueues(text: string): Map<string, SocketQueue> {
  const queues = new Map<string, SocketQueue>()
  for (const line of text.split('\n')) {
    const [, waiting, limit, local, program] =
      /^LISTEN\s+(\d+)\s+(\d+)\s+(\S+)\s+\S+(?:\s+users:\(\("(.{1,64}?)",pid=)?/.exec(line) ?? []
    const [, address, port] = /^(.+):(\d+)$/.exec(local ?? '') ?? []
    if (address === undefined) continue
    // Without brackets and the name of an interface: 127.0.0.53%lo, [fe80::1]%eth0.
    const plain = address.replace(/%[^\]]*/, '').replace(/^\[|\]$/g, '')
    const queue = { waiting: Number(waiting), limit: Number(limit) }
    queues.set(`${plain} ${port}`, { queue, ...(program === undefined ? {} : { program }) })
  }
  return queues
}

/** What `ss` tells of this socket. */
export const queueOf = (
  queues: Map<string, SocketQueue>,
  address: string,
  port: number,
): SocketQueue | undefined =>
  queues.get(`${address} ${port}`) ?? (address === '::' ? queues.get(`* ${port}`) : undefined)

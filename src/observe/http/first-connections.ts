/** Lets one request open the first connection to an origin, while the others wait. */
export interface FirstConnections {
  /** Waits while another request opens the first connection. What it gives must be called once a connection is open, or has failed. */
  enter: (origin: string) => Promise<() => void>
}

/**
 * Whether a server speaks HTTP/2 shows in the handshake. Requests that are sent before it would each open a connection of their own, of
 * which one is enough.
 */
export function createFirstConnections(): FirstConnections {
  const opened = new Map<string, Promise<void>>()
  return {
    enter: async (origin) => {
      const known = opened.get(origin)
      if (known) {
        await known
        return () => {}
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      opened.set(origin, promise)
      return resolve
    },
  }
}

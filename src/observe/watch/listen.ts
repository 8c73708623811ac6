import type { Server } from 'node:http'

/** Opens a server. Returns where it listens, or why it does not. */
export const listen = (
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<{ ok: true; address: string } | { ok: false; why: string }> =>
  new Promise((resolve) => {
    server.once('error', (error) => resolve({ ok: false, why: error.message }))
    server.listen(port, host, () => {
      const bound = server.address()
      const at = typeof bound === 'object' && bound ? bound : { address: host, port }
      const name = at.address.includes(':') ? `[${at.address}]` : at.address
      resolve({ ok: true, address: `${name}:${at.port}` })
    })
  })

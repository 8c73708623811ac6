import { isIP } from 'node:net'

/** `upstream`: the servers that Docker's own resolver (127.0.0.11) asks; `host`: it asks them from the host's namespace. */
export interface Resolvers {
  servers: string[]
  upstream: { address: string; host: boolean }[]
}

const most = 50

/**
 * Reads resolv.conf(5) in its own order, which `dns.getServers()` does not keep, with the comment in which Docker 26 and
 * later names the servers it asks: `# ExtServers: [host(127.0.0.53) 10.0.0.2]`.
 */
export function parseResolvConf(text: string): Resolvers {
  const servers: string[] = []
  const upstream: Resolvers['upstream'] = []
  for (const line of text.split('\n')) {
    const server = /^nameserver[ \t]+(\S+)/.exec(line)?.[1]
    if (server !== undefined && isIP(server) !== 0) servers.push(server)
    const listed = /^# ExtServers: \[([^\]]*)\]/.exec(line)?.[1]
    for (const one of listed?.split(/\s+/) ?? []) {
      const inHost = /^host\((.+)\)$/.exec(one)?.[1]
      const address = inHost ?? one
      if (isIP(address) !== 0) upstream.push({ address, host: inHost !== undefined })
    }
  }
  return { servers: servers.slice(0, most), upstream: upstream.slice(0, most) }
}

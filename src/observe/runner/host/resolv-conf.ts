import { isIP } from 'node:net'

/** `upstream`: the servers that Docker's own resolver (127.0.0.11) queries; `host`: from the host's namespace. */
export interface Resolvers {
  servers: string[]
  upstream: { address: string; host: boolean }[]
}

const maxEntries = 50

/**
 * Parses resolv.conf(5) in file order, which `dns.getServers()` does not keep, including the comment in which Docker 26 and
 * later lists its upstream servers: `# ExtServers: [host(127.0.0.53) 10.0.0.2]`.
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
  return { servers: servers.slice(0, maxEntries), upstream: upstream.slice(0, maxEntries) }
}

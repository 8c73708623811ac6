import type { Area } from '../../../core/observed.ts'
import type { RoutesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { type HostNetwork, notInHostNetwork, procRemedies, whyUnreadable } from './host-network.ts'
import { parseLearnedMtus } from './learned-mtus.ts'
import { outputOf } from './program-output.ts'
import { parseResolvConf } from './resolv-conf.ts'
import { parseLocalAddresses, parseLocalAddresses6, parseRoutes, parseRoutes6 } from './route-tables.ts'
import { readRouting } from './routing.ts'
import { parseSockets, peersOf } from './sockets.ts'

const maxRoutes = 10_000

/** The host's routes, own addresses, TCP peers and resolvers. */
export async function observeRoutes(
  access: HostAccess,
  network: HostNetwork | undefined,
  devices: string[],
): Promise<Area<RoutesFact>> {
  if (!network) return unseen(notInHostNetwork, procRemedies)
  const { procNet } = network
  const main = await access.read(`${procNet}/route`)
  if (!main.ok) return unseen(whyUnreadable(`${procNet}/route`, main.code), procRemedies)
  const routes = [...parseRoutes(main.text), ...parseRoutes6(await textOf(access, `${procNet}/ipv6_route`))]
  const sockets = [await textOf(access, `${procNet}/tcp`), await textOf(access, `${procNet}/tcp6`)]
  const routing = network.isOwn ? await readRouting(access, devices) : undefined
  const value = {
    routes: routes.slice(0, maxRoutes),
    local: [
      ...parseLocalAddresses(await textOf(access, `${procNet}/fib_trie`)),
      ...parseLocalAddresses6(await textOf(access, `${procNet}/if_inet6`)),
    ],
    peers: peersOf(sockets.flatMap(parseSockets)),
    ...(await resolversOf(access)),
    ...(network.isOwn ? { learnedMtus: await learnedMtus(access) } : {}),
    ...(routing ? { routing } : {}),
  }
  return seen(value, `${procNet}/route`)
}

/** Process 1 of the host needs permission to trace it; without, the file of this process may be the host's, or made from it. */
const roots = ['/proc/1/root', '']

async function resolversOf(access: HostAccess): Promise<Pick<RoutesFact, 'resolvers' | 'engineResolvers'>> {
  const [ofHost, own] = await Promise.all(roots.map((root) => resolversIn(access, root)))
  const engineResolvers = ofHost ?? own
  return {
    resolvers: [...new Set([...(engineResolvers ?? []), ...(own ?? [])])],
    ...(engineResolvers ? { engineResolvers } : {}),
  }
}

/**
 * The resolvers of a resolv.conf and the upstream servers of Docker's own, in the order of the file. As Docker and Podman choose it:
 * where it names only the stub of systemd-resolved, the file of its servers (moby: daemon/libnetwork/internal/resolvconf, `Path`).
 * Undefined where it cannot be read.
 */
async function resolversIn(access: HostAccess, root: string): Promise<string[] | undefined> {
  const file = await access.read(`${root}/etc/resolv.conf`)
  if (!file.ok) return undefined
  const { servers, upstream } = parseResolvConf(file.text)
  if (servers.length === 1 && servers[0] === '127.0.0.53') {
    const behind = await access.read(`${root}/run/systemd/resolve/resolv.conf`)
    return behind.ok ? parseResolvConf(behind.text).servers : undefined
  }
  return [...servers, ...upstream.map(({ address }) => address)]
}

async function learnedMtus(access: HostAccess): Promise<NonNullable<RoutesFact['learnedMtus']>> {
  const found = []
  for (const family of ['-4', '-6']) {
    const output = outputOf('ip', await access.run('ip', [family, 'route', 'show', 'cache']))
    if (output.ok) found.push(...parseLearnedMtus(output.text))
  }
  return found
}

async function textOf(access: HostAccess, path: string): Promise<string> {
  const file = await access.read(path)
  return file.ok ? file.text : ''
}

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
    // The first file needs permission to trace the host's process 1; without it, only this process's own resolvers are known.
    resolvers: await resolversIn(access, ['/proc/1/root/etc/resolv.conf', '/etc/resolv.conf']),
    ...(network.isOwn ? { learnedMtus: await learnedMtus(access) } : {}),
    ...(routing ? { routing } : {}),
  }
  return seen(value, `${procNet}/route`)
}

/** The resolvers that this process uses and the upstream servers of Docker's own, in the order of the file. */
export const observeResolvers = (access: HostAccess): Promise<string[]> =>
  resolversIn(access, ['/etc/resolv.conf'])

async function resolversIn(access: HostAccess, paths: string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const { servers, upstream } = parseResolvConf(await textOf(access, path))
    found.push(...servers, ...upstream.map(({ address }) => address))
  }
  return [...new Set(found)]
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

import type { Area } from '../../../core/observed.ts'
import type { RoutesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf, seen, unseen } from './area.ts'
import { parseLearnedMtus } from './learned-mtus.ts'
import { elsewhere, type Place, procNeeds, unreadable } from './place.ts'
import { parseResolvConf } from './resolv-conf.ts'
import { parseLocalAddresses, parseLocalAddresses6, parseRoutes, parseRoutes6 } from './route-tables.ts'
import { parseSockets, peersOf } from './sockets.ts'

const maxRoutes = 10_000

/** Where the host sends packets, its own addresses, and whom it talks to. */
export async function observeRoutes(access: HostAccess, place: Place | undefined): Promise<Area<RoutesFact>> {
  if (!place) return unseen(elsewhere, procNeeds)
  const { net } = place
  const main = await access.read(`${net}/route`)
  if (!main.ok) return unseen(unreadable(`${net}/route`, main.code), procNeeds)
  const routes = [...parseRoutes(main.text), ...parseRoutes6(await textOf(access, `${net}/ipv6_route`))]
  const sockets = [await textOf(access, `${net}/tcp`), await textOf(access, `${net}/tcp6`)]
  const value = {
    routes: routes.slice(0, maxRoutes),
    local: [
      ...parseLocalAddresses(await textOf(access, `${net}/fib_trie`)),
      ...parseLocalAddresses6(await textOf(access, `${net}/if_inet6`)),
    ],
    peers: peersOf(sockets.flatMap(parseSockets)),
    // Without leave to trace the host's first process, its files stay closed: then it is what this process asks.
    resolvers: await resolversIn(access, ['/proc/1/root/etc/resolv.conf', '/etc/resolv.conf']),
    ...(place.own ? { learnedMtus: await learnedMtus(access) } : {}),
  }
  return seen(value, `${net}/route`)
}

/** The resolvers that this process asks, and those that Docker's own asks for it, in the order of the file. */
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

import type { Look, RoutesFact } from '../../../core/model.ts'
import type { World } from '../host-access.ts'
import { outputOf, seen, unseen } from './area.ts'
import { parseLearnedMtus } from './learned-mtus.ts'
import { elsewhere, type Place, procNeeds, unreadable } from './place.ts'
import { parseResolvConf } from './resolv-conf.ts'
import { parseLocalAddresses, parseLocalAddresses6, parseRoutes, parseRoutes6 } from './route-tables.ts'
import { parseSockets, peersOf } from './sockets.ts'

const mostRoutes = 10_000

/** Where the host sends packets, its own addresses, and whom it talks to. */
export async function observeRoutes(world: World, place: Place | undefined): Promise<Look<RoutesFact>> {
  if (!place) return unseen(elsewhere, procNeeds)
  const { net } = place
  const main = await world.read(`${net}/route`)
  if (!main.ok) return unseen(unreadable(`${net}/route`, main.code), procNeeds)
  const routes = [...parseRoutes(main.text), ...parseRoutes6(await textOf(world, `${net}/ipv6_route`))]
  const sockets = [await textOf(world, `${net}/tcp`), await textOf(world, `${net}/tcp6`)]
  const value = {
    routes: routes.slice(0, mostRoutes),
    local: [
      ...parseLocalAddresses(await textOf(world, `${net}/fib_trie`)),
      ...parseLocalAddresses6(await textOf(world, `${net}/if_inet6`)),
    ],
    peers: peersOf(sockets.flatMap(parseSockets)),
    // Without leave to trace the host's first process, its files stay closed: then it is what this process asks.
    resolvers: await resolversIn(world, ['/proc/1/root/etc/resolv.conf', '/etc/resolv.conf']),
    ...(place.own ? { learnedMtus: await learnedMtus(world) } : {}),
  }
  return seen(value, `${net}/route`)
}

/** The resolvers that this process asks, and those that Docker's own asks for it, in the order of the file. */
export const observeResolvers = (world: World): Promise<string[]> => resolversIn(world, ['/etc/resolv.conf'])

async function resolversIn(world: World, paths: string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const { servers, upstream } = parseResolvConf(await textOf(world, path))
    found.push(...servers, ...upstream.map(({ address }) => address))
  }
  return [...new Set(found)]
}

async function learnedMtus(world: World): Promise<NonNullable<RoutesFact['learnedMtus']>> {
  const found = []
  for (const family of ['-4', '-6']) {
    const output = outputOf('ip', await world.run('ip', [family, 'route', 'show', 'cache']))
    if (output.ok) found.push(...parseLearnedMtus(output.text))
  }
  return found
}

async function textOf(world: World, path: string): Promise<string> {
  const file = await world.read(path)
  return file.ok ? file.text : ''
}

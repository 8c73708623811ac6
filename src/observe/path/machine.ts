import { readFile } from 'node:fs/promises'
import type { MachineFact } from '../../facts/path/machine.ts'
import { parseResolvConf } from '../runner/host/resolv-conf.ts'
import { parseRoutes, parseRoutes6 } from '../runner/host/route-tables.ts'

/** The default route, its MTU and the resolvers of this process, as far as they can be read; IPv4 first. */
export async function observeMachine(): Promise<MachineFact> {
  const [resolvConf, routes4, routes6] = await Promise.all(
    ['/etc/resolv.conf', '/proc/net/route', '/proc/net/ipv6_route'].map(textOf),
  )
  const routes = [...parseRoutes(routes4 ?? ''), ...parseRoutes6(routes6 ?? '')]
  const { servers } = parseResolvConf(resolvConf ?? '')
  const route = routes.find(({ destination, device }) => destination === 'default' && device !== 'lo')
  if (!route) return { resolvers: servers }
  const mtu = Number.parseInt((await textOf(`/sys/class/net/${route.device}/mtu`)) ?? '', 10)
  return {
    device: route.device,
    ...(mtu > 0 ? { mtu } : {}),
    ...(route.gateway === undefined ? {} : { gateway: route.gateway }),
    resolvers: servers,
  }
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)

import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import type { MachineFact } from '../../facts/path/machine.ts'
import { addressClass } from '../../net/address-class.ts'
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
  const addresses = ownAddresses()
  if (!route) return { addresses, resolvers: servers }
  const mtu = Number.parseInt((await textOf(`/sys/class/net/${route.device}/mtu`)) ?? '', 10)
  return {
    device: route.device,
    ...(mtu > 0 ? { mtu } : {}),
    ...(route.gateway === undefined ? {} : { gateway: route.gateway }),
    addresses,
    resolvers: servers,
  }
}

/** More than tell one machine from another. */
const maxAddresses = 16

/** By these another machine knows that it leaves through this one. */
function ownAddresses(): string[] {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return own
    .filter(({ internal, address }) => !internal && addressClass(address) !== 'link-local')
    .map(({ address }) => address)
    .slice(0, maxAddresses)
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)

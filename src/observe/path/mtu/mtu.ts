import type { MtuEndpoint } from '../../../facts/path/mtu.ts'
import type { MtuTarget } from '../../../facts/queries/path/stalls.ts'
import { isLoopback } from '../../../net/address-class.ts'
import type { Env } from '../../../settings/sources.ts'
import { openHostAccess } from '../../runner/host-access.ts'
import { messageFor } from './first-message.ts'
import { measureMtu } from './measure.ts'
import type { StallLog } from './stall-log.ts'

/** Each measurement holds some ten connections at once. */
const maxTargets = 4

/** Measures the path MTU to these addresses, each once and at most four, in parallel. It takes 1 s, or up to 20 s where packets get lost. */
export async function observeMtu(
  targets: readonly MtuTarget[],
  { env, signal, now, stalls }: { env: Env; signal: AbortSignal; now: () => number; stalls: StallLog },
): Promise<MtuEndpoint[]> {
  // Loopback has no path.
  const outside = targets.filter(({ address }) => !isLoopback(address))
  const byPlace = Map.groupBy(outside, ({ url, address }) => `${address} ${portOf(url)}`)
  const path = env.PATH ?? ''
  const access = openHostAccess({ signal, now, path })
  return Promise.all(
    [...byPlace.values()]
      .flatMap(([first]) => first ?? [])
      .slice(0, maxTargets)
      .map(async ({ url, address, reason }): Promise<MtuEndpoint> => {
        const port = portOf(url)
        const stall = stalls.of(address, port)
        const protocol = url.protocol === 'http:' ? 'http' : 'https'
        const measured = await measureMtu(await messageFor(url), { address, port, access, path, signal })
        return { host: url.host, address, port, protocol, reason, ...(stall ? { stall } : {}), measured }
      }),
  )
}

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'http:' ? 80 : 443)

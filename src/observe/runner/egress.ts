import type { PathFact } from '../../facts/path.ts'
import { silentHosts } from '../../facts/queries/path/shared-failures.ts'
import type { EgressFact, RunnerFact } from '../../facts/runner.ts'
import { isLoopback } from '../../net/address-class.ts'
import { holds, isVersion6 } from '../../net/ip.ts'
import { ask } from '../path/names/ask.ts'
import { parseResolvConf } from './host/resolv-conf.ts'
import { parseLocalAddresses, parseRoutes } from './host/route-tables.ts'
import type { HostAccess } from './host-access.ts'
import { ping } from './ports/ping.ts'

/** An address beyond any host. No packet gets there: each has one hop left, so that the gateway drops it. */
const beyond = '9.9.9.9'
/** A host sends one ICMP error a second (`icmp_ratelimit`), and a packet can get lost. */
const hopLimitMs = 3000
const resolverLimitMs = 2500
const maxResolvers = 3

type Route = EgressFact & { onLink: string[] }

/**
 * How packets of this container get out: its default route, and whether anything beyond the host was reached in this run. Only if
 * nothing was, the gateway is asked whether it forwards at all. Undefined outside a container, and without a default route of IPv4.
 */
export async function observeEgress(
  access: HostAccess,
  { vantage }: Pick<RunnerFact, 'vantage'>,
  path: Pick<PathFact, 'hosts' | 'log' | 'legs'>,
): Promise<EgressFact | undefined> {
  if (vantage.namespace !== 'container' || vantage.container === 'none') return undefined
  const route = await routeOf(access)
  if (!route) return undefined
  const { onLink, ...own } = route
  const isBeyond = (address: string) =>
    !isLoopback(address) && address !== own.gateway && !onLink.some((network) => holds(network, address))
  // Behind a proxy no address is known; what got through it needs nothing else.
  const reached = path.hosts.some(({ addresses, proxy }) => proxy !== undefined || addresses.some(isBeyond))
  if (reached) return { ...own, reached }
  const resolvers = await resolversOf(access, isBeyond)
  const [hop, gateway, answers] = await Promise.all([
    askHop(access, own.addresses),
    pingOnce(access, own.gateway),
    Promise.all(resolvers.map((resolver) => answersAt(access, resolver))),
  ])
  return {
    ...own,
    reached: answers.includes(true) || hop === 'reached',
    hop: hop === 'reached' ? 'forwards' : hop,
    gatewayAnswers: gateway,
    silentHosts: silentHosts(path),
    silentResolvers: resolvers.filter((_, at) => answers[at] === false),
  }
}

async function routeOf(access: HostAccess): Promise<Route | undefined> {
  const [table, trie] = await Promise.all([access.read('/proc/net/route'), access.read('/proc/net/fib_trie')])
  const routes = table.ok ? parseRoutes(table.text) : []
  const first = routes.find(({ destination, gateway }) => destination === 'default' && gateway !== undefined)
  if (first?.gateway === undefined) return undefined
  const { device, gateway } = first
  const onLink = routes.filter((route) => route.gateway === undefined).map(({ destination }) => destination)
  const size = await access.read(`/sys/class/net/${device}/mtu`, 64)
  const mtu = size.ok ? Number.parseInt(size.text, 10) : Number.NaN
  const addresses = trie.ok ? parseLocalAddresses(trie.text).filter((address) => !isLoopback(address)) : []
  return { device, gateway, ...(mtu > 0 ? { mtu } : {}), addresses, reached: false, onLink }
}

/** The resolvers that this container, or Docker's resolver on its behalf, asks over the default route. */
async function resolversOf(access: HostAccess, isBeyond: (address: string) => boolean): Promise<string[]> {
  const file = await access.read('/etc/resolv.conf')
  const { servers, upstream } = parseResolvConf(file.ok ? file.text : '')
  const all = [...servers, ...upstream.flatMap(({ address, host }) => (host ? [] : [address]))]
  return [...new Set(all)].filter((one) => !isVersion6(one) && isBeyond(one)).slice(0, maxResolvers)
}

/** Whether a resolver answers at all; undefined where an ICMP error came instead, which may be the host's. */
async function answersAt({ signal }: HostAccess, resolver: string): Promise<boolean | undefined> {
  const question = { name: 'localhost', type: 'A' as const, port: 53, limitMs: resolverLimitMs }
  const { state } = await ask({ ...question, resolver, signal })
  if (state === 'silent') return false
  return state === 'closed' || state === 'unreachable' ? undefined : true
}

async function pingOnce(access: HostAccess, address: string): Promise<boolean> {
  const { signal } = access
  const result = await ping(access, address, { limitMs: hopLimitMs, signal, onAnswer: () => {} })
  return result.ping === 'answered'
}

type Hop = NonNullable<EgressFact['hop']> | 'reached'

/** Sends up to three echo requests with one hop left, until something answers. */
async function askHop(access: HostAccess, own: string[]): Promise<Hop> {
  const limit = String(hopLimitMs / 1000)
  const flags = ['-n', '-c', '1', '-i', '1', '-w', limit, '-t', '1']
  const run = await access.run('ping', [...flags, beyond], { timeoutMs: hopLimitMs + 500, limit: 64 * 1024 })
  if (run.state !== 'ended') return 'not possible'
  const { stdout } = run
  // A network in user space (pasta, slirp4netns) does not count hops.
  if (/^\d+ bytes from /m.test(stdout)) return 'reached'
  const [, from = '', said = ''] = /^From (\S+) icmp_seq=\d+ (.*)$/m.exec(stdout) ?? []
  if (said.startsWith('Time to live exceeded')) return 'forwards'
  // Errors about the gateway itself come from this container's own address.
  if (/^Destination \w+ |^Packet filtered/.test(said) && !own.includes(from)) return 'no route'
  // BusyBox prints no ICMP errors, so that its silence says nothing.
  return run.exitCode === 1 && stdout.includes('bytes of data') ? 'silent' : 'not possible'
}

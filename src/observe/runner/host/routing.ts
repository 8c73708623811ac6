import * as z from 'zod'
import type { PolicyRule, RoutingFact, TableRoute } from '../../../facts/routing.ts'
import type { HostAccess } from '../host-access.ts'
import { hasIpsec } from './ipsec.ts'
import { outputOf } from './program-output.ts'
import { readSysctls } from './sysctls.ts'

const maxRoutes = 10_000
const maxRules = 2000
const families = { ip: '-4', ip6: '-6' } as const
type Family = keyof typeof families

/** Rules, the routes of all tables and the settings of the kernel that decide about a packet; undefined where `ip` cannot list them. */
export async function readRouting(access: HostAccess, devices: string[]): Promise<RoutingFact | undefined> {
  const rules: PolicyRule[] = []
  const routes: TableRoute[] = []
  let truncated = false
  for (const family of ['ip', 'ip6'] as const) {
    const [listed, table] = [
      await entriesOf(access, family, ['rule', 'show']),
      await entriesOf(access, family, ['route', 'show', 'table', 'all']),
    ]
    // A kernel without IPv6 has neither.
    if (!listed || !table) {
      if (family === 'ip') return undefined
      continue
    }
    const own = {
      rules: listed.entries.flatMap((entry) => policyRule(entry, family) ?? []),
      routes: table.entries.flatMap((entry) => tableRoute(entry, family) ?? []),
    }
    const unread = listed.entries.length > own.rules.length || table.entries.length > own.routes.length
    truncated ||= listed.truncated || table.truncated || unread
    rules.push(...own.rules)
    routes.push(...own.routes)
  }
  truncated ||= rules.length > maxRules || routes.length > maxRoutes
  const sysctls = await readSysctls(access, devices)
  const ipsec = await hasIpsec(access)
  return {
    ...{ rules: rules.slice(0, maxRules), routes: routes.slice(0, maxRoutes), truncated, sysctls },
    ...(ipsec === undefined ? {} : { ipsec }),
  }
}

async function entriesOf(
  access: HostAccess,
  family: Family,
  args: string[],
): Promise<{ entries: unknown[]; truncated: boolean } | undefined> {
  const output = outputOf('ip', await access.run('ip', [families[family], '-j', '-d', ...args]))
  if (!output.ok) return undefined
  if (output.truncated) return { entries: [], truncated: true }
  // Without a single rule or route it prints nothing.
  const entries = output.text.trim() === '' ? [] : z.array(z.unknown()).safeParse(jsonOf(output.text)).data
  return entries && { entries, truncated: false }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const ruleSchema = z.looseObject({
  priority: z.number(),
  not: z.unknown().optional(),
  src: z.string().optional(),
  srclen: z.number().optional(),
  dst: z.string().optional(),
  dstlen: z.number().optional(),
  iif: z.string().optional(),
  oif: z.string().optional(),
  fwmark: z.string().optional(),
  fwmask: z.string().optional(),
  table: z.string().optional(),
  goto: z.number().optional(),
  action: z.string().optional(),
  suppress_prefixlen: z.number().optional(),
  ipproto: z.string().optional(),
  sport: z.number().optional(),
  sport_start: z.number().optional(),
  sport_end: z.number().optional(),
  dport: z.number().optional(),
  dport_start: z.number().optional(),
  dport_end: z.number().optional(),
  uid_start: z.number().optional(),
  uid_end: z.number().optional(),
  tos: z.string().optional(),
  dscp: z.string().optional(),
  tun_id: z.number().optional(),
  l3mdev: z.unknown().optional(),
})
/** Who made a rule says nothing about what it selects; neither does a goal that does not exist yet, nor the realm of a route. */
const meaningless = new Set([
  ...['protocol', 'unresolved', 'iif_detached', 'oif_detached', 'srcmask', 'dstmask'],
  ...['flow_to', 'flow_from', 'masquerade', 'nat'],
])

/** A rule of `ip -j rule`. */
function policyRule(entry: unknown, family: Family): PolicyRule | undefined {
  const { data } = ruleSchema.safeParse(entry)
  if (!data) return undefined
  const network = (address: string | undefined, length: number | undefined) =>
    address === undefined || address === 'all'
      ? undefined
      : length === undefined
        ? address
        : `${address}/${length}`
  const range = (one?: number, first?: number, last?: number): [number, number] | undefined =>
    one !== undefined ? [one, one] : first === undefined || last === undefined ? undefined : [first, last]
  const [from, to] = [network(data.src, data.srclen), network(data.dst, data.dstlen)]
  const [sport, dport] = [
    range(data.sport, data.sport_start, data.sport_end),
    range(data.dport, data.dport_start, data.dport_end),
  ]
  const tos = data.tos ?? data.dscp
  const others = Object.keys(data).filter((name) => !(name in ruleSchema.shape) && !meaningless.has(name))
  return {
    ...{ family, priority: data.priority, negated: 'not' in data },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(data.iif === undefined ? {} : { iif: data.iif }),
    ...(data.oif === undefined ? {} : { oif: data.oif }),
    ...(data.fwmark === undefined
      ? {}
      : { mark: { value: Number(data.fwmark), mask: Number(data.fwmask ?? 0xffff_ffff) } }),
    ...(data.table === undefined ? {} : { table: data.table }),
    ...(data.goto === undefined ? {} : { goto: data.goto }),
    ...(data.action === undefined ? {} : { action: data.action }),
    ...(data.suppress_prefixlen === undefined ? {} : { suppress: data.suppress_prefixlen }),
    ...(data.ipproto === undefined ? {} : { protocol: data.ipproto }),
    ...(sport ? { sport } : {}),
    ...(dport ? { dport } : {}),
    ...(data.uid_start === undefined || data.uid_end === undefined
      ? {}
      : { uids: [data.uid_start, data.uid_end] }),
    ...(tos === undefined ? {} : { tos }),
    ...(data.tun_id === undefined ? {} : { tunnel: data.tun_id }),
    ...('l3mdev' in data ? { l3mdev: true as const } : {}),
    ...(others.length > 0 ? { others } : {}),
  }
}

const hopSchema = z.object({ dev: z.string().optional(), gateway: z.string().optional() })
const routeSchema = z.object({
  type: z.string().optional(),
  dst: z.string(),
  dev: z.string().optional(),
  gateway: z.string().optional(),
  table: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.number().optional(),
  metrics: z.array(z.looseObject({ mtu: z.number().optional() })).optional(),
  flags: z.array(z.string()).optional(),
  nexthops: z.array(hopSchema).optional(),
})

/** A route of `ip -j route show table all`. */
function tableRoute(entry: unknown, family: Family): TableRoute | undefined {
  const { data } = routeSchema.safeParse(entry)
  if (!data) return undefined
  const { dst, type = 'unicast', table = 'main', metric = 0, flags = [], nexthops = [], metrics = [] } = data
  const [first, ...more] = nexthops
  const device = data.dev ?? first?.dev
  const gateway = data.gateway ?? first?.gateway
  const mtu = metrics.find((one) => one.mtu !== undefined)?.mtu
  const alternatives = more.flatMap(({ dev }) => (dev === undefined ? [] : [dev]))
  return {
    ...{ family, table, type, destination: dst, metric, dead: flags.includes('dead') },
    ...(device === undefined ? {} : { device }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(data.prefsrc === undefined ? {} : { source: data.prefsrc }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(alternatives.length > 0 ? { alternatives } : {}),
  }
}

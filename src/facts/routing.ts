import * as z from 'zod'

const family = z.enum(['ip', 'ip6'])

const policyRule = z.object({
  family,
  priority: z.number(),
  /** Networks in CIDR notation; absent: any. */
  from: z.string().exactOptional(),
  to: z.string().exactOptional(),
  iif: z.string().exactOptional(),
  oif: z.string().exactOptional(),
  mark: z.object({ value: z.number(), mask: z.number() }).exactOptional(),
  /** The rule applies to what it does not describe. */
  negated: z.boolean(),
  /** Where it leads: a table, another rule, or an end such as `unreachable`. */
  table: z.string().exactOptional(),
  goto: z.number().exactOptional(),
  action: z.string().exactOptional(),
  /** Routes of this prefix length or shorter do not count. */
  suppress: z.number().exactOptional(),
  protocol: z.string().exactOptional(),
  /** Ports of the transport protocol, as a range. */
  sport: z.tuple([z.number(), z.number()]).exactOptional(),
  dport: z.tuple([z.number(), z.number()]).exactOptional(),
  /** The users whose packets it is for, as a range of ids. */
  uids: z.tuple([z.number(), z.number()]).exactOptional(),
  /** A type of service or a DSCP other than 0, as `ip rule` prints it. */
  tos: z.string().exactOptional(),
  /** The id of a tunnel that packets came by. */
  tunnel: z.number().exactOptional(),
  /** It leads to the table of the VRF that the packet belongs to. */
  l3mdev: z.literal(true).exactOptional(),
  /** Selectors that regguard does not know, by name. */
  others: z.array(z.string()).exactOptional(),
})
/** A rule of `ip rule`. */
export type PolicyRule = z.infer<typeof policyRule>

const tableRoute = z.object({
  family,
  table: z.string(),
  /** `unicast`, `local`, `broadcast`, `blackhole`, `unreachable`, `prohibit`, `throw`, … */
  type: z.string(),
  /** A network in CIDR notation, or `default`. */
  destination: z.string(),
  device: z.string().exactOptional(),
  gateway: z.string().exactOptional(),
  source: z.string().exactOptional(),
  metric: z.number(),
  mtu: z.number().exactOptional(),
  /** Further devices of a route with several next hops. */
  alternatives: z.array(z.string()).exactOptional(),
  /** The kernel does not use it: its device is gone or down. */
  dead: z.boolean(),
})
/** A route of any table. */
export type TableRoute = z.infer<typeof tableRoute>

/** Everything that decides where the kernel sends a packet; only in the host's own network namespace. */
export const routingSchema = z.object({
  rules: z.array(policyRule),
  routes: z.array(tableRoute),
  /** Rules or routes past the limit were not kept, or some could not be read. */
  truncated: z.boolean(),
  /** Settings of the kernel by their names: `net.ipv4.ip_forward`, `net.ipv4.conf.docker0.forwarding`, … */
  sysctls: z.record(z.string(), z.string()),
  /** Whether the kernel has policies of IPsec; absent where that could not be read. */
  ipsec: z.boolean().exactOptional(),
})
export type RoutingFact = z.infer<typeof routingSchema>

import * as z from 'zod'
import { areaSchema } from '../core/observed.ts'
import { ciPlatforms } from '../core/platform.ts'
import { routingSchema } from './routing.ts'

/** Milliseconds since the epoch. */
const at = z.number()
/** `truncated`: the source no longer has anything from before `from`. */
const windowSchema = z.object({ from: at, to: at, truncated: z.boolean() })

/** The network namespace of a process: the machine's own, that of a nested or rootless engine, or a container's. */
const namespaceKind = z.enum(['initial', 'daemon', 'container'])
export type NamespaceKind = z.infer<typeof namespaceKind>

const socketState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('absent'), path: z.string() }),
  z.object({ state: z.literal('unreadable'), path: z.string(), group: z.number() }),
  /** Something else answers there, or nothing within the time limit. */
  z.object({
    state: z.literal('useless'),
    path: z.string(),
    why: z.string(),
    /** A socket that a daemon created: nothing listens any more, or nothing answers. */
    silence: z.enum(['no listener', 'no response']).exactOptional(),
  }),
  /** An engine without a common API version: it supports `min` to `max`, regguard `ours`. */
  z.object({
    state: z.literal('unsupported'),
    path: z.string(),
    version: z.string(),
    min: z.string(),
    max: z.string(),
    ours: z.string(),
  }),
  z.object({ state: z.literal('answers'), path: z.string(), flavour: z.enum(['docker', 'podman']) }),
])
/** What exists at the path of the engine's socket. */
export type SocketState = z.infer<typeof socketState>

const vantage = z.object({
  /** The CI system, which decides how remedies are worded. */
  platform: z.enum(ciPlatforms).exactOptional(),
  container: z.enum(['docker', 'podman', 'kubernetes', 'none']),
  namespace: namespaceKind,
  hostPid: z.boolean(),
  uid: z.number(),
  /** The effective capabilities that matter here, without `CAP_`. */
  capabilities: z.array(z.string()),
  privileged: z.boolean(),
  socket: socketState,
  /** How the host itself was inspected. */
  hostView: z.enum(['here', 'host pid', 'sibling', 'none']),
  /** The engine has its own network namespace, so the machine itself cannot be observed through it. */
  nested: z.boolean(),
  rootless: z.boolean(),
  /** The trust that Woodpecker reports for the repository; undefined on other platforms. */
  trusted: z.object({ network: z.boolean(), volumes: z.boolean(), security: z.boolean() }).exactOptional(),
  /** Why the requested host snapshot failed. */
  snapshotFailed: z.string().exactOptional(),
})
/** Where this process runs, as found without privileges. */
export type VantageFact = z.infer<typeof vantage>

const engine = z.object({
  flavour: z.enum(['docker', 'podman']),
  version: z.string(),
  apiVersion: z.string(),
  minApiVersion: z.string(),
  /** The backend that writes its rules; undefined before API 1.49. */
  firewall: z.enum(['iptables', 'nftables', 'firewalld']).exactOptional(),
  /** The CIDR ranges for new networks, each divided into subnets of prefix length `size`; empty where it does not report them. */
  pools: z.array(z.object({ base: z.string(), size: z.number() })),
  rootless: z.boolean(),
  /** Whether the kernel forwards IPv4 packets in the engine’s network namespace, as the engine reports it. */
  forwards: z.boolean().exactOptional(),
})
/** Docker or Podman, as reported by its socket. */
export type EngineFact = z.infer<typeof engine>

const owner = z.enum([
  'woodpecker',
  'forgejo',
  'act',
  'gitea',
  'github',
  'gitlab',
  'testcontainers',
  'compose',
  'buildx',
  'regguard',
  'engine',
  'other',
])
/** The program that a network or container was created for, by the pattern of its name. */
export type Owner = z.infer<typeof owner>

const network = z.object({
  id: z.string(),
  name: z.string(),
  driver: z.string(),
  owner,
  createdAt: at.exactOptional(),
  /** The name of its interface on the host, for a bridge network. */
  bridge: z.string().exactOptional(),
  subnets: z.array(z.string()),
  gateways: z.array(z.string()),
  internal: z.boolean(),
  /** False with `enable_ip_masquerade=false` or a routed gateway mode. */
  masquerade: z.boolean(),
  /** The gateway mode of IPv6 does not translate addresses. */
  routed6: z.literal(true).exactOptional(),
  /** Its bridge has no IPv4 address on purpose: `inhibit_ipv4`, or the isolated gateway mode of Docker 28. */
  addressless: z.literal(true).exactOptional(),
  mtu: z.number().exactOptional(),
  /** Endpoints of running containers; absent past the limit of networks that are inspected one by one. */
  endpoints: z.number().exactOptional(),
  /** Containers that are configured with it, stopped ones included; absent where they could not be listed. */
  containers: z.number().exactOptional(),
  /** The addresses of these endpoints, without prefix lengths, where the engine lists them. */
  addresses: z.array(z.string()).exactOptional(),
  /** Its containers are not meant to reach each other: `enable_icc=false`. */
  icc: z.literal(false).exactOptional(),
})
export type NetworkFact = z.infer<typeof network>

const churn = z.object({
  /** `machine`: the source has no namespaces, so it includes bridges of nested engines. */
  scope: z.enum(['namespace', 'machine']).exactOptional(),
  window: windowSchema,
  /** `attach` and `detach`: a container's link joins or leaves a bridge, which is all that a kernel log shows. */
  changes: z.array(
    z.object({
      at,
      what: z.enum(['create', 'destroy', 'attach', 'detach']),
      name: z.string(),
      owner,
      bridge: z.string().exactOptional(),
    }),
  ),
})
/** Networks that were created and removed. */
export type ChurnFact = z.infer<typeof churn>

const link = z.object({
  index: z.number().exactOptional(),
  name: z.string(),
  /** `bridge`, `veth`, `vxlan`, …; empty for a device. */
  kind: z.string(),
  up: z.boolean().exactOptional(),
  carrier: z.boolean().exactOptional(),
  mtu: z.number().exactOptional(),
  master: z.string().exactOptional(),
  /** Of a port of a bridge: `forwarding`, `disabled`, `blocking`, … */
  portState: z.string().exactOptional(),
  addresses: z.array(z.string()),
})
/** `index`, `up`, `carrier` and `mtu` are absent where only names can be read; `kind` is then derived from the name. */
export type LinkFact = z.infer<typeof link>

const chain = z.object({
  name: z.string(),
  /** Only base chains have one. */
  policy: z.string().exactOptional(),
  hook: z.string().exactOptional(),
  /** Of a base chain of nft: what it may do (`filter`, `nat`, `route`), when its hook calls it, and for which devices. */
  type: z.string().exactOptional(),
  priority: z.number().exactOptional(),
  devices: z.array(z.string()).exactOptional(),
  /** As `iptables-save` or `nft list` prints them, without `-A CHAIN` and without counters. */
  rules: z.array(z.string()),
  /** The number of further rules that were not kept, in a chain of one Kubernetes service or pod. */
  leftOut: z.number().exactOptional(),
})
export type ChainFact = z.infer<typeof chain>

/** `native`: created with nft, or by Docker's nftables mode. */
const backend = z.enum(['nft', 'legacy', 'native'])

const table = z.object({
  backend,
  family: z.enum(['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev']),
  name: z.string(),
  chains: z.array(chain),
  /** The named sets and maps of a table of nft. `incomplete`: elements past the limit were not kept. */
  sets: z
    .array(
      z.object({ name: z.string(), elements: z.array(z.string()), incomplete: z.boolean().exactOptional() }),
    )
    .exactOptional(),
})
export type TableFact = z.infer<typeof table>

const ipset = z.object({
  name: z.string(),
  /** `hash:ip,port`, `list:set`, … */
  type: z.string(),
  /** Absent where it has no addresses. */
  family: z.enum(['ip', 'ip6']).exactOptional(),
  /** It keeps networks of this prefix length. */
  netmask: z.number().exactOptional(),
  /** As `ipset save` prints them, with `nomatch` and `wildcard` and without other options. */
  elements: z.array(z.string()),
  /** Elements past the limit were not kept. */
  incomplete: z.boolean().exactOptional(),
})
/** A set of ipset(8) that rules of iptables name. */
export type IpsetFact = z.infer<typeof ipset>

const rules = z.object({
  /** Their state at the end of the inspection window. */
  tables: z.array(table),
  /** The sets that rules of iptables name, or why they could not be read; absent where none does. */
  ipsets: z.object({ sets: z.array(ipset), unread: z.string().exactOptional() }).exactOptional(),
  /** Tables of ebtables-legacy that exist: their rules are not read. */
  ebtables: z.array(z.string()).exactOptional(),
  /** Rules past the limit were not kept: then a rule that is not listed may still exist. */
  truncated: z.boolean(),
  /** Interfaces that changed, or whose rules changed, during the inspection: no conclusion about them is valid. */
  passing: z.array(z.string()).exactOptional(),
  /**
   * Repeated samples of the FORWARD chain. `withoutUserJump`: samples without a jump to an existing DOCKER-USER; `distinct`:
   * different states; `firstRules`: the different first rules, in order of appearance.
   */
  samples: z
    .object({
      taken: z.number(),
      overMs: z.number(),
      withoutUserJump: z.number(),
      distinct: z.number(),
      firstRules: z.array(z.string()),
    })
    .exactOptional(),
  /**
   * Programs that changed rules during the inspection, with the number of changes; `rewrites`: of those that deleted a table of
   * iptables and wrote it again as a whole.
   */
  writers: z.array(
    z.object({ program: z.string(), changes: z.number(), rewrites: z.number().exactOptional() }),
  ),
  /** Why `writers` could not be watched; absent where they were. */
  unwatched: z.string().exactOptional(),
  /** Files from which a program can restore rules, for those that exist. */
  saved: z
    .array(
      z.object({
        program: z.string(),
        file: z.string(),
        /** Its service restores the file at boot. */
        enabled: z.boolean(),
        /** Restoring it first deletes every rule of all programs. */
        flushes: z.boolean(),
        /** The bridges with names of Docker's that the file names. */
        bridges: z.array(z.string()),
      }),
    )
    .exactOptional(),
  /** The lock of iptables-legacy: its holder, and how long it was held without interruption. */
  lock: z.object({ heldBy: z.string(), waitedMs: z.number() }).exactOptional(),
  /** Backends whose rules could not be read, with the reason. */
  unread: z.array(z.object({ backend, why: z.string() })),
})
/** The host's packet filter. */
export type RulesFact = z.infer<typeof rules>

const routes = z.object({
  routes: z.array(
    z.object({ destination: z.string(), device: z.string(), gateway: z.string().exactOptional() }),
  ),
  /** Addresses of the host itself. */
  local: z.array(z.string()),
  /** Addresses at the other end of TCP connections to the host. */
  peers: z.array(z.string()),
  /** DNS resolvers that this process or the host uses; the servers of systemd-resolved in place of its stub. */
  resolvers: z.array(z.string()),
  /** Of these, what an engine gives its containers unless it is configured otherwise; absent in older recordings. */
  engineResolvers: z.array(z.string()).exactOptional(),
  /** Path MTUs that the host learned from ICMP: until one expires, it hides a black hole on that path. */
  learnedMtus: z
    .array(z.object({ destination: z.string(), mtu: z.number(), expiresInMs: z.number() }))
    .exactOptional(),
  /** Everything that the lookup of a route reads; only in the host's own namespace. */
  routing: routingSchema.exactOptional(),
})
export type RoutesFact = z.infer<typeof routes>

const dial = z.object({
  port: z.number(),
  result: z.enum(['open', 'refused', 'timeout', 'unreachable', 'failed']),
  /** Until the result; for a timeout, how long the dial waited. */
  ms: z.number(),
  code: z.string().exactOptional(),
  /** Only for services that speak first; `closed`: the service closed the connection instead. */
  banner: z.enum(['came', 'closed', 'silent']).exactOptional(),
  bannerMs: z.number().exactOptional(),
})
/** The result of one TCP connection attempt. */
export type Dial = z.infer<typeof dial>

const portTarget = z.object({
  address: z.string(),
  /** `node`: another address of the host, read in its own namespace. */
  name: z.enum(['gateway', 'listener', 'node', 'loopback']),
  /** The name in the setting `listeners`, where that is not an address. */
  host: z.string().exactOptional(),
  ping: z.enum(['answered', 'silent', 'unreachable', 'not possible']),
  /** As `ms` of a dial. */
  pingMs: z.number().exactOptional(),
  /** Why ping is not possible, or ping's own error text. */
  pingSaid: z.string().exactOptional(),
  /** The result of UDP datagrams to a canary port; absent where the TCP results were conclusive. */
  datagram: z.enum(['refused', 'unreachable', 'silent']).exactOptional(),
  /** Nothing on the same link answers ARP for the address; absent where something does, or where that is unknown. */
  neighbour: z.literal('missing').exactOptional(),
  /** Canary ports: chosen because nothing should listen on them. */
  canaries: z.array(dial),
  ports: z.array(dial),
})
/** One address of the host, dialled from here. */
export type PortTarget = z.infer<typeof portTarget>

const listener = z.object({
  address: z.string(),
  port: z.number(),
  /** Connections waiting to be accepted, and the limit. */
  queue: z.object({ waiting: z.number(), limit: z.number() }).exactOptional(),
  program: z.string().exactOptional(),
})
/** A socket in state LISTEN. */
export type ListenerFact = z.infer<typeof listener>

const ports = z.object({
  /** Where the list of ports comes from; `usual`: the default ports, as nothing names the ones that must answer. */
  chosen: z.enum(['settings', 'listeners', 'usual']),
  targets: z.array(portTarget),
  /** Entries of the setting `listeners`, or addresses, that were not dialled. */
  skipped: z.array(z.object({ what: z.string(), why: z.string() })).exactOptional(),
  /** Listening sockets and their queues, where the host's own state could be read. */
  listeners: z.array(listener),
  /** Connections that the kernel dropped at full queues during the inspection; only where the host's own state could be read. */
  listenDrops: z.number().exactOptional(),
  /** Whether any host beyond this one was reached during the inspection. */
  beyond: z.enum(['reached', 'not reached']).exactOptional(),
})
export type PortsFact = z.infer<typeof ports>

const kernelProblem = z.enum([
  'conntrack-full',
  'out-of-memory',
  'netdev-leak',
  'syn-flood',
  'neighbour-overflow',
])
export type KernelProblem = z.infer<typeof kernelProblem>

const kernel = z.object({
  window: windowSchema,
  /** Lines that report a problem, limited to a few of each kind. */
  lines: z.array(z.object({ at, kind: kernelProblem, text: z.string() })),
})
/** The kernel log, apart from its lines about bridges. */
export type KernelFact = z.infer<typeof kernel>

const conntrack = z.object({
  count: z.number(),
  max: z.number(),
  /** Packets dropped during the inspection; absent where /proc does not have the counter. */
  drops: z.number().exactOptional(),
})
export type ConntrackFact = z.infer<typeof conntrack>

const pressure = z.object({
  /** The percentage of the last 10 s in which some task was stalled (PSI `some`). */
  cpu: z.number().exactOptional(),
  io: z.number().exactOptional(),
  memory: z.number().exactOptional(),
  /** These three: during the inspection. */
  oomKills: z.number(),
  softnetDropped: z.number(),
  softnetSqueezed: z.number(),
})
/** Counters of the whole machine, in whichever namespace they are read. */
export type PressureFact = z.infer<typeof pressure>

const daemon = z.object({
  /** Its program and flags, without values that can hold secrets. */
  command: z.string(),
  /** Installed by snap. */
  snap: z.boolean(),
  /** False with `iptables: false`, by flag or in daemon.json; absent where its configuration could not be read. */
  writesRules: z.boolean().exactOptional(),
  /** The resolvers that it gives to containers in place of the host's; absent where its configuration could not be read. */
  resolvers: z.array(z.string()).exactOptional(),
})
/** A Docker daemon that runs in the inspected network namespace. */
export type DaemonFact = z.infer<typeof daemon>

const proxy = z.object({
  protocol: z.string(),
  /** The host's address and port that it listens on. */
  address: z.string(),
  port: z.number(),
  /** The address of the container that it forwards to, and the port. */
  container: z.string(),
  containerPort: z.number().exactOptional(),
})
/** A docker-proxy process in the inspected network namespace. */
export type ProxyFact = z.infer<typeof proxy>

const published = z.object({
  /** The name of the container. */
  container: z.string(),
  protocol: z.string(),
  /** The host's address and port; `0.0.0.0` or `::` for all addresses. */
  address: z.string(),
  port: z.number(),
  containerPort: z.number(),
  /** The addresses of the container in all its networks. */
  addresses: z.array(z.string()),
})
/** A port of the host that the engine publishes for a running container. */
export type PublishedFact = z.infer<typeof published>

const egress = z.object({
  /** The interface of the default route of IPv4, and what this container has there. */
  device: z.string(),
  gateway: z.string(),
  mtu: z.number().exactOptional(),
  addresses: z.array(z.string()),
  /** Whether any host that is neither the gateway nor on a network of this container answered in this run. */
  reached: z.boolean(),
  /**
   * What the gateway says to a packet for another host that has one hop left. `forwards`: “time exceeded”, which Linux sends before
   * any rule of FORWARD sees the packet; `no route`: that it has none, or may not use it. Absent where something was reached.
   */
  hop: z.enum(['forwards', 'no route', 'silent', 'not possible']).exactOptional(),
  /** Whether the gateway answers pings, so that its silence about the packet says something. */
  gatewayAnswers: z.boolean().exactOptional(),
  /** Hosts that requests of this run got no answer from, by name or address. */
  silentHosts: z.array(z.string()).exactOptional(),
  /** Resolvers beyond the gateway that were asked and did not answer. */
  silentResolvers: z.array(z.string()).exactOptional(),
})
/** How packets of this container get out, seen from inside. */
export type EgressFact = z.infer<typeof egress>

/** The areas that a run inspects on a runner; `require: runner.rules` requires one. */
const areas = {
  networks: areaSchema(z.array(network)),
  churn: areaSchema(churn),
  links: areaSchema(z.array(link)),
  rules: areaSchema(rules),
  routes: areaSchema(routes),
  ports: areaSchema(ports),
  kernel: areaSchema(kernel),
  conntrack: areaSchema(conntrack),
  pressure: areaSchema(pressure),
}
export type RunnerArea = keyof typeof areas
export const runnerAreas = Object.keys(areas) as [RunnerArea, ...RunnerArea[]]

/** Everything observed of the runner. */
export const runnerSchema = z.object({
  vantage,
  engine: areaSchema(engine),
  ...areas,
  /** From a plain container: interfaces that the host created since boot, by the index of the other end of the container's link. */
  interfaces: z.object({ made: z.number(), uptimeMs: z.number() }).exactOptional(),
  /** From a container with a default route of IPv4. */
  egress: egress.exactOptional(),
  /** The names of the processes that run on the host. */
  programs: areaSchema(z.array(z.string())),
  /** The Docker daemons whose processes can be seen; absent where there are none. */
  daemons: z.array(daemon).exactOptional(),
  /** Docker's userland proxies; absent where no process of the host can be seen. */
  proxies: z.array(proxy).exactOptional(),
  /** As the engine lists them; absent where it could not list its containers. */
  published: z.array(published).exactOptional(),
  /**
   * A second reading, a few seconds later, where the first was inconsistent: networks can change while they are read, so only
   * what both readings show counts.
   */
  again: z
    .object({
      ...{ networks: areas.networks, links: areas.links, rules: areas.rules },
      proxies: z.array(proxy).exactOptional(),
      published: z.array(published).exactOptional(),
    })
    .exactOptional(),
  /** Milliseconds since the epoch when the inspection ended. */
  at,
})
export type RunnerFact = z.infer<typeof runnerSchema>

/** What only the host's own namespaces show: read here, by a snapshot container, or from a recording. */
export const hostViewSchema = runnerSchema
  .pick({
    links: true,
    rules: true,
    routes: true,
    kernel: true,
    conntrack: true,
    pressure: true,
    programs: true,
    daemons: true,
    proxies: true,
  })
  .extend({
    /** From the kernel log or from netlink. */
    churn: areas.churn,
    listeners: areaSchema(z.object({ sockets: z.array(listener), drops: z.number().exactOptional() })),
    namespace: namespaceKind,
  })
export type HostView = z.infer<typeof hostViewSchema>

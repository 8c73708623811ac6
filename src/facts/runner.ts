import * as z from 'zod'
import { areaSchema } from '../core/observed.ts'
import { ciPlatforms } from '../core/platform.ts'

/** Milliseconds since the epoch. */
const at = z.number()
/** `truncated`: the source forgot what was before `from`. */
const windowSchema = z.object({ from: at, to: at, truncated: z.boolean() })

/**
 * Whose network namespace a process is in: the machine's own, that of an engine which is not the machine's own, or a
 * container's.
 */
const namespaceKind = z.enum(['initial', 'daemon', 'container'])
export type NamespaceKind = z.infer<typeof namespaceKind>

const socketState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('absent'), path: z.string() }),
  z.object({ state: z.literal('unreadable'), path: z.string(), group: z.number() }),
  /** Something else answers there, or nothing does in time. */
  z.object({ state: z.literal('useless'), path: z.string(), why: z.string() }),
  /** An engine whose range of API versions has none that regguard speaks: `min` to `max` there, `ours` here. */
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
/** What is at the place of the engine's socket. */
export type SocketState = z.infer<typeof socketState>

const vantage = z.object({
  /** Decides how remedies are worded. */
  platform: z.enum(ciPlatforms).exactOptional(),
  container: z.enum(['docker', 'podman', 'kubernetes', 'none']),
  namespace: namespaceKind,
  hostPid: z.boolean(),
  uid: z.number(),
  /** Effective capabilities among those that matter here, without `CAP_`. */
  capabilities: z.array(z.string()),
  privileged: z.boolean(),
  socket: socketState,
  /** How the host itself was inspected. */
  hostView: z.enum(['here', 'host pid', 'sibling', 'none']),
  /** The engine runs in a namespace that is not the machine's own: the outer host cannot be seen. */
  nested: z.boolean(),
  rootless: z.boolean(),
  /** What Woodpecker says of the repository's trust; undefined elsewhere. */
  trusted: z.object({ network: z.boolean(), volumes: z.boolean(), security: z.boolean() }).exactOptional(),
  /** Why the snapshot that was asked for failed. */
  snapshotFailed: z.string().exactOptional(),
})
/** Where this process runs, found without privileges. */
export type VantageFact = z.infer<typeof vantage>

const engine = z.object({
  flavour: z.enum(['docker', 'podman']),
  version: z.string(),
  apiVersion: z.string(),
  minApiVersion: z.string(),
  /** What writes its rules; undefined before API 1.49. */
  firewall: z.enum(['iptables', 'nftables', 'firewalld']).exactOptional(),
  /** CIDR ranges that new networks are taken from, each cut into networks of `size` bits; empty where it does not say. */
  pools: z.array(z.object({ base: z.string(), size: z.number() })),
  rootless: z.boolean(),
})
/** Docker or Podman, as its socket answers. */
export type EngineFact = z.infer<typeof engine>

const owner = z.enum([
  'woodpecker',
  'forgejo',
  'act',
  'gitea',
  'compose',
  'buildx',
  'regguard',
  'engine',
  'other',
])
/** The program that a network or container was made for, by the pattern of its name. */
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
  mtu: z.number().exactOptional(),
  /** Endpoints of running containers; absent where they were not asked for: only so many networks are inspected one by one. */
  endpoints: z.number().exactOptional(),
  /** Their addresses, without prefix lengths, where the engine lists them. */
  addresses: z.array(z.string()).exactOptional(),
})
export type NetworkFact = z.infer<typeof network>

const churn = z.object({
  /** `machine`: the source knows no namespaces, so bridges of a nested engine are in it as well. */
  scope: z.enum(['namespace', 'machine']).exactOptional(),
  window: windowSchema,
  /** `attach` and `detach`: a container's link at a bridge, all that a kernel log shows. */
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
  addresses: z.array(z.string()),
})
/** `index`, `up`, `carrier` and `mtu` are absent where only names can be read; `kind` is then known by the name alone. */
export type LinkFact = z.infer<typeof link>

const chain = z.object({
  name: z.string(),
  /** Only base chains have one. */
  policy: z.string().exactOptional(),
  hook: z.string().exactOptional(),
  /** As `iptables-save` or `nft list` prints them, without `-A CHAIN` and without counters. */
  rules: z.array(z.string()),
  /** So many more, in a chain of one Kubernetes service or pod, were not kept. */
  leftOut: z.number().exactOptional(),
})
export type ChainFact = z.infer<typeof chain>

/** `native`: made by nft itself, or by Docker's nftables mode. */
const backend = z.enum(['nft', 'legacy', 'native'])

const table = z.object({
  backend,
  family: z.enum(['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev']),
  name: z.string(),
  chains: z.array(chain),
  /** Named sets and maps of a table that Docker's nftables mode made. */
  sets: z.array(z.object({ name: z.string(), elements: z.array(z.string()) })).exactOptional(),
})
export type TableFact = z.infer<typeof table>

const rules = z.object({
  /** As they stood when the window ended. */
  tables: z.array(table),
  /** Rules past the limit were not kept: then no absence may be concluded. */
  truncated: z.boolean(),
  /** Interfaces that came or went, or whose rules did, during the inspection: nothing may be concluded about them. */
  passing: z.array(z.string()).exactOptional(),
  /**
   * The FORWARD chain, read again and again. `withoutUserJump`: times it did not jump to an existing DOCKER-USER;
   * `distinct`: different states; `firstRules`: the different rules that stood first, in order.
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
  /** Programs that changed rules during the inspection, by name, with how often. */
  writers: z.array(z.object({ program: z.string(), changes: z.number() })),
  /** Why writers could not be watched, where that is so. */
  unwatched: z.string().exactOptional(),
  /** The lock of iptables-legacy: who held it, and for how long it was seen held without a break. */
  lock: z.object({ heldBy: z.string(), waitedMs: z.number() }).exactOptional(),
  /** Backends whose rules could not be read, with why. */
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
  /** Resolvers that this process or the host asks. */
  resolvers: z.array(z.string()),
  /** Path MTUs that an ICMP message taught the host: while one lives, a black hole on that path is hidden. */
  learnedMtus: z
    .array(z.object({ destination: z.string(), mtu: z.number(), expiresInMs: z.number() }))
    .exactOptional(),
})
export type RoutesFact = z.infer<typeof routes>

const dial = z.object({
  port: z.number(),
  result: z.enum(['open', 'refused', 'timeout', 'unreachable', 'failed']),
  /** Until it was known; of a silence, how long it was waited for. */
  ms: z.number(),
  code: z.string().exactOptional(),
  /** Only for services that speak first; `closed`: they hung up instead. */
  banner: z.enum(['came', 'closed', 'silent']).exactOptional(),
  bannerMs: z.number().exactOptional(),
})
/** How one TCP connection attempt ended. */
export type Dial = z.infer<typeof dial>

const portTarget = z.object({
  address: z.string(),
  /** `node`: another address of the host, read from its own namespace. */
  name: z.enum(['gateway', 'listener', 'node', 'loopback']),
  /** The name in the setting, where that is no address. */
  host: z.string().exactOptional(),
  ping: z.enum(['answered', 'silent', 'unreachable', 'not possible']),
  /** As `ms` of a dial. */
  pingMs: z.number().exactOptional(),
  /** Why it is not possible, or in ping's words what was unreachable. */
  pingSaid: z.string().exactOptional(),
  /** What became of UDP datagrams to a canary port; absent where the answers to TCP left nothing to ask. */
  datagram: z.enum(['refused', 'unreachable', 'silent']).exactOptional(),
  /** On the own link nobody answers ARP for it; absent where somebody does, and where that cannot be known. */
  neighbour: z.literal('missing').exactOptional(),
  /** Ports that surely nobody listens on. */
  canaries: z.array(dial),
  ports: z.array(dial),
})
/** One address of the host, dialled from here. */
export type PortTarget = z.infer<typeof portTarget>

const listener = z.object({
  address: z.string(),
  port: z.number(),
  /** Connections waiting to be accepted, of how many may wait. */
  queue: z.object({ waiting: z.number(), limit: z.number() }).exactOptional(),
  program: z.string().exactOptional(),
})
/** A socket in state LISTEN. */
export type ListenerFact = z.infer<typeof listener>

const ports = z.object({
  /** `usual`: nobody said which ports must answer. */
  chosen: z.enum(['settings', 'listeners', 'usual']),
  targets: z.array(portTarget),
  /** What should have been dialled, and was not. */
  skipped: z.array(z.object({ what: z.string(), why: z.string() })).exactOptional(),
  /** Where the host's own state could be read: sockets in state LISTEN and how full their queues are. */
  listeners: z.array(listener),
  /** How often the kernel dropped a connection at a full queue during the inspection; host's view only. */
  listenDrops: z.number().exactOptional(),
  /** Whether anything beyond the host was reached meanwhile. */
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
  /** Lines that report a problem, at most a few of each kind. */
  lines: z.array(z.object({ at, kind: kernelProblem, text: z.string() })),
})
/** What the kernel log shows beside bridges. */
export type KernelFact = z.infer<typeof kernel>

const conntrack = z.object({
  count: z.number(),
  max: z.number(),
  /** During the inspection; absent where the kernel does not count them in /proc. */
  drops: z.number().exactOptional(),
})
export type ConntrackFact = z.infer<typeof conntrack>

const pressure = z.object({
  /** Share of time in the last 10 s, in percent, that some task waited. */
  cpu: z.number().exactOptional(),
  io: z.number().exactOptional(),
  memory: z.number().exactOptional(),
  /** During the inspection. */
  oomKills: z.number(),
  softnetDropped: z.number(),
  softnetSqueezed: z.number(),
})
/** Counters of the whole machine, whatever namespace they are read in. */
export type PressureFact = z.infer<typeof pressure>

/** What a run inspects on a runner; `require: runner.rules` names one. */
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
  /** From a plain container: interfaces that the host made since it started, by the number of our own link's other end. */
  interfaces: z.object({ made: z.number(), uptimeMs: z.number() }).exactOptional(),
  /** Programs that run on the host, by the name of their process, where they can be listed. */
  programs: areaSchema(z.array(z.string())),
  /**
   * The same, read again a few seconds later, where the first reading was inconsistent: networks come and go while they are
   * read, and only what both readings show counts.
   */
  again: z.object({ networks: areas.networks, links: areas.links, rules: areas.rules }).exactOptional(),
  /** Milliseconds since the epoch when the inspection ended. */
  at,
})
export type RunnerFact = z.infer<typeof runnerSchema>

/** What only the host's own namespaces show; read here, by a sibling, or from a recording. */
export const hostViewSchema = runnerSchema
  .pick({
    links: true,
    rules: true,
    routes: true,
    kernel: true,
    conntrack: true,
    pressure: true,
    programs: true,
  })
  .extend({
    /** From the kernel log or from netlink. */
    churn: areas.churn,
    listeners: areaSchema(z.object({ sockets: z.array(listener), drops: z.number().exactOptional() })),
    namespace: namespaceKind,
  })
export type HostView = z.infer<typeof hostViewSchema>
